"""Resolve host names with a timeout; answers are cached for one capture at most."""

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
MAX_LOOKUPS = 32  # each pending lookup holds a thread, and Lambda allows 1,024 processes and threads

Resolve = Callable[[str], Awaitable[tuple[str, ...]]]


class HostNotFound(Exception):
    """The name has no address, or the name server reported an error."""


async def system_resolve(host: str) -> tuple[str, ...]:
    """All addresses of `host` from the system resolver, IPv4 first. Raises `HostNotFound`.

    Each lookup has a daemon thread: `getaddrinfo` cannot be cancelled, and the interpreter waits for the
    threads of a pool at exit.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def finish(addresses: tuple[str, ...] | None) -> None:
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
        # RuntimeError: the loop is closed, because the guard was stopped during the lookup.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(finish, addresses)

    threading.Thread(target=look_up, name="stillframe-resolve", daemon=True).start()
    return await answer


class NameCache:
    """DNS cache of one capture: one lookup per name, shared by all requests, for at most 30 seconds."""

    def __init__(self, resolve: Resolve, seconds: float = CACHE_SECONDS) -> None:
        self._resolve = resolve
        self._seconds = min(seconds, CACHE_SECONDS)
        self._answers: dict[str, tuple[float, asyncio.Task[tuple[str, ...]]]] = {}
        self._slots = asyncio.Semaphore(MAX_LOOKUPS)

    async def addresses(self, host: str) -> tuple[str, ...]:
        """All addresses of `host`. Raises `HostNotFound`, or `TimeoutError` after 5 seconds."""
        if read_address(host) is not None:
            return (host,)
        if host == "localhost" or host.endswith(".localhost"):
            return ("127.0.0.1", "::1")  # RFC 6761, section 6.3: never ask a name server
        known = self._answers.get(host)
        if known is None or known[0] < monotonic():
            known = (monotonic() + self._seconds, asyncio.ensure_future(self._look_up(host)))
            self._answers[host] = known
        # Shielded: if the first request is cancelled, others may still wait for the same lookup.
        return await asyncio.shield(known[1])

    async def _look_up(self, host: str) -> tuple[str, ...]:
        async with asyncio.timeout(RESOLVE_SECONDS), self._slots:
            return tuple(await self._resolve(host))

    def close(self) -> None:
        """Cancel pending lookups."""
        for _, task in self._answers.values():
            if not task.cancel() and not task.cancelled():
                task.exception()  # else asyncio logs "exception was never retrieved"
        self._answers.clear()
