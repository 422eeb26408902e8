"""The state of one capture inside the guard: its budget, its names, its connections, its findings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .addresses import is_loopback, read_address
from .policy import Policy
from .report import Attempt, Budget, EgressReport, Outcome, Refusal, denied, failed
from .resolver import HostNotFound, NameCache
from .upstream import Upstream

READ_SIZE = 65_536
MAX_FINDINGS = 200  # a page that scans ports must not fill memory or the report


class Session:
    """Everything that begins with a capture and is cut when it ends; lives on the guard's loop."""

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
        # One for all tunnels: they share a thread, and none keeps it beyond the call that fills it.
        self.buffer = memoryview(bytearray(READ_SIZE))
        self._is_own_port = is_own_port
        self._tasks: set[asyncio.Task[None]] = set()
        self._denials: dict[Attempt, None] = {}
        self._failures: dict[Attempt, None] = {}
        self._received = self._sent = self._connections = 0
        self._exceeded: str | None = None
        self._clock: asyncio.TimerHandle | None = None

    def start_clock(self) -> None:
        """Let the wall clock cut everything when the budget's seconds are over."""
        loop = asyncio.get_running_loop()
        self._clock = loop.call_later(self.budget.seconds, self._exhaust, "seconds")

    def enter(self, task: asyncio.Task[None]) -> None:
        """Count a client's connection in; raises `Refusal` when the session takes no more."""
        if self._exceeded in ("seconds", "bytes"):
            raise denied(f"budget_{self._exceeded}")
        if len(self._tasks) >= self.budget.live_connections:
            self._exceeded = self._exceeded or "live_connections"
            raise denied("budget_live_connections")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def count(self, *, received: int = 0, sent: int = 0) -> None:
        """Add traffic; the byte that passes the budget ends every connection of the capture."""
        self._received += received
        self._sent += sent
        if max(self._received, self._sent) > self.budget.bytes:
            self._exhaust("bytes")
            raise denied("budget_bytes")

    async def vet(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses that may be dialled for this destination; raises `Refusal`."""
        try:
            return await self.resolve_and_check(host, port, self.policy)
        except Refusal as refusal:
            self.note(host, port, refusal.outcome)
            raise

    async def resolve_and_check(self, host: str, port: int, policy: Policy) -> tuple[str, ...]:
        """Resolve and decide, without a trace in the report."""
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

    def spend_connection(self, host: str, port: int) -> None:
        """Count one try to connect; raises `Refusal` when the capture has had its share."""
        if self._connections >= self.budget.connections:
            self._exceeded = self._exceeded or "connections"
            refusal = denied("budget_connections")
            self.note(host, port, refusal.outcome)
            raise refusal
        self._connections += 1

    def note(self, host: str, port: int, outcome: Outcome) -> None:
        """Keep how the try ended, for the report and for the question about one host."""
        if len(self.outcomes) < MAX_FINDINGS or (host, port) in self.outcomes:
            self.outcomes[host, port] = outcome
        findings = {"denied": self._denials, "failed": self._failures}.get(outcome.kind)
        if findings is not None and len(findings) < MAX_FINDINGS:
            findings[Attempt(host, port, outcome.reason)] = None

    def report(self) -> EgressReport:
        """The figures so far."""
        return EgressReport(
            denials=tuple(self._denials),
            failures=tuple(self._failures),
            bytes_received=self._received,
            bytes_sent=self._sent,
            connections=self._connections,
            budget_exceeded=self._exceeded,
        )

    def cut(self) -> None:
        """Abort every connection and tunnel; each task closes its own two ends."""
        if self._clock is not None:
            self._clock.cancel()
        for task in self._tasks:
            task.cancel()

    async def drain(self) -> None:
        """Wait until what `cut` aborted is gone."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        self.names.close()

    def _exhaust(self, name: str) -> None:
        self._exceeded = self._exceeded or name
        self.cut()


def _is_loopback(text: str) -> bool:
    address = read_address(text)
    return address is not None and is_loopback(address)
