"""Names to addresses, with a limit of time and a memory no longer than one capture."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable
from time import monotonic

from .addresses import read_address

RESOLVE_SECONDS = 5.0
CACHE_SECONDS = 30.0
MAX_LOOKUPS = 32  # each stuck lookup holds a thread, and Lambda counts threads

Resolve = Callable[[str], Awaitable[tuple[str, ...]]]


class HostNotFound(Exception):
    """The name has no address, or the name server would not say."""


async def system_resolve(host: str) -> tuple[str, ...]:
    """Every address of `host` as the system resolver sees it, IPv4 first.

    Runs in a daemon thread of its own: `getaddrinfo` cannot be cancelled, and a pool would make the
    interpreter wait for it at exit.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def settle(addresses: tuple[str, ...] | None) -> None:
        if answer.done():
            return
        if addresses is None:
            answer.set_exception(HostNotFound(host))
        else:
            answer.set_result(addresses)

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            ordered = sorted(rows, key=lambda row: row[0] != socket.AF_INET)
            addresses: tuple[str, ...] | None = tuple(dict.fromkeys(str(row[4][0]) for row in ordered))
        except (OSError, UnicodeError):
            addresses = None
        # The loop may be gone: the guard was stopped while the name server was silent.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, addresses)

    threading.Thread(target=look_up, name="stillframe-resolve", daemon=True).start()
    return await answer


class NameCache:
    """The answers of one capture: asked once, shared by every request, forgotten after 30 seconds."""

    def __init__(self, resolve: Resolve, seconds: float = CACHE_SECONDS) -> None:
        self._resolve = resolve
        self._seconds = min(seconds, CACHE_SECONDS)
        self._answers: dict[str, tuple[float, asyncio.Task[tuple[str, ...]]]] = {}
        self._slots = asyncio.Semaphore(MAX_LOOKUPS)

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Every address of `host`; raises `HostNotFound`, or `TimeoutError` after 5 seconds."""
        if read_address(host) is not None:
            return (host,)
        if host == "localhost" or host.endswith(".localhost"):
            return ("127.0.0.1", "::1")  # RFC 6761: never a question for a name server
        known = self._answers.get(host)
        if known is None or known[0] < monotonic():
            known = (monotonic() + self._seconds, asyncio.ensure_future(self._ask(host)))
            self._answers[host] = known
        # Shielded: the first asker may go away while others wait for the same answer.
        return await asyncio.shield(known[1])

    async def _ask(self, host: str) -> tuple[str, ...]:
        async with asyncio.timeout(RESOLVE_SECONDS), self._slots:
            return tuple(await self._resolve(host))

    def close(self) -> None:
        """Drop the questions still open."""
        for _, task in self._answers.values():
            if not task.cancel() and not task.cancelled():
                task.exception()  # marks it as seen
        self._answers.clear()
