"""The state of one capture in the guard: budget, DNS cache, connections and recorded outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .addresses import is_loopback, read_address
from .policy import Policy
from .report import Attempt, Budget, EgressReport, Outcome, Refusal, denied, failed
from .resolver import HostNotFound, NameCache
from .upstream import Upstream

READ_SIZE = 65_536
MAX_RECORDED = 200  # bounds memory and report when a page scans ports


class Session:
    """Begins and ends with a capture; used on the guard's loop only."""

    def __init__(
        self,
        policy: Policy,
        names: NameCache,
        budget: Budget,
        upstream: Upstream | None,
        is_own_port: Callable[[int], bool],
    ) -> None:
        self.policy = policy
        self.names = names
        self.budget = budget
        self.upstream = upstream
        self.outcomes: dict[tuple[str, int], Outcome] = {}
        # One receive buffer for all tunnels: they share a thread, and each copies out of it before returning.
        self.buffer = memoryview(bytearray(READ_SIZE))
        self._is_own_port = is_own_port
        self._tasks: set[asyncio.Task[None]] = set()
        self._denials: dict[Attempt, None] = {}
        self._failures: dict[Attempt, None] = {}
        self._received = self._sent = self._connections = 0
        self._exceeded: str | None = None
        self._clock: asyncio.TimerHandle | None = None

    def start_clock(self) -> None:
        """Start the timer that aborts all connections after the budget's seconds."""
        loop = asyncio.get_running_loop()
        self._clock = loop.call_later(self.budget.seconds, self._exhaust, "seconds")

    def register(self, task: asyncio.Task[None]) -> None:
        """Register the task that serves a client connection. Raises `Refusal` if the budget is used up."""
        if self._exceeded in ("seconds", "bytes"):
            raise denied(f"budget_{self._exceeded}")
        if len(self._tasks) >= self.budget.live_connections:
            self._exceeded = self._exceeded or "live_connections"
            raise denied("budget_live_connections")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def count(self, *, received: int = 0, sent: int = 0) -> None:
        """Count traffic. Aborts all connections and raises `Refusal` when the byte budget is exceeded."""
        self._received += received
        self._sent += sent
        if max(self._received, self._sent) > self.budget.bytes:
            self._exhaust("bytes")
            raise denied("budget_bytes")

    async def vet(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses to connect to for this destination. Raises `Refusal`, which is recorded."""
        try:
            return await self.resolve_and_check(host, port, self.policy)
        except Refusal as refusal:
            self.record(host, port, refusal.outcome)
            raise

    async def resolve_and_check(self, host: str, port: int, policy: Policy) -> tuple[str, ...]:
        """Resolve `host` and apply `policy`. Raises `Refusal`, which is not recorded."""
        try:
            addresses = await self.names.addresses(host)
        except (HostNotFound, TimeoutError):
            raise failed("name_not_resolved") from None
        verdict = policy.decide(host, port, addresses)
        if not verdict.allowed:
            raise denied(verdict.reason)
        if self._is_own_port(port) and any(_is_loopback(address) for address in verdict.addresses):
            raise denied("protected_endpoint")
        return verdict.addresses

    def count_connection(self, host: str, port: int) -> None:
        """Count one attempt to connect. Raises `Refusal` when the connection budget is used up."""
        if self._connections >= self.budget.connections:
            self._exceeded = self._exceeded or "connections"
            refusal = denied("budget_connections")
            self.record(host, port, refusal.outcome)
            raise refusal
        self._connections += 1

    def record(self, host: str, port: int, outcome: Outcome) -> None:
        """Record how an attempt ended, for the report and for `Listener.outcome`."""
        if len(self.outcomes) < MAX_RECORDED or (host, port) in self.outcomes:
            self.outcomes[host, port] = outcome
        attempts = {"denied": self._denials, "failed": self._failures}.get(outcome.kind)
        if attempts is not None and len(attempts) < MAX_RECORDED:
            attempts[Attempt(host, port, outcome.reason)] = None

    def report(self) -> EgressReport:
        """The traffic so far."""
        return EgressReport(
            denials=tuple(self._denials),
            failures=tuple(self._failures),
            bytes_received=self._received,
            bytes_sent=self._sent,
            connections=self._connections,
            budget_exceeded=self._exceeded,
        )

    def abort_all(self) -> None:
        """Cancel the task of every connection; each task closes its client and its origin."""
        if self._clock is not None:
            self._clock.cancel()
        self.abort_connections()

    def abort_connections(self) -> None:
        """Cancel the tasks of the present connections; later ones are served."""
        for task in self._tasks:
            task.cancel()

    @property
    def received(self) -> int:
        """The bytes received so far."""
        return self._received

    async def wait_closed(self) -> None:
        """Wait for the tasks that `abort_all` cancelled, at most one second."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        self.names.close()

    def _exhaust(self, name: str) -> None:
        self._exceeded = self._exceeded or name
        self.abort_all()


def _is_loopback(text: str) -> bool:
    address = read_address(text)
    return address is not None and is_loopback(address)
