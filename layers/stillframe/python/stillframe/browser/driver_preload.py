"""Starts Playwright's driver before Playwright is imported: Node needs longer to start than Python to import."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any, cast


class PreloadedProcess(asyncio.SubprocessProtocol):
    """A process that runs already, and keeps what it says until somebody starts its command."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self.command = command
        self.transport: asyncio.SubprocessTransport | None = None
        self.said: list[tuple[int, bytes]] = []
        self.over = asyncio.Event()
        self._cut = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.said.append((fd, data))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._cut = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set()

    def adopt_into(self, command: tuple[Any, ...], listener: Callable[[], Any]) -> tuple[Any, Any] | None:
        """The process with its new listener; None when it is not the one that is wanted, or is no more."""
        if self.transport is None or self._cut or command != self.command:
            return None
        transport, self.transport = self.transport, None
        protocol = listener()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        for fd, data in self.said:
            protocol.pipe_data_received(fd, data)
        return transport, protocol

    def end(self) -> None:
        """Kill it, because nobody wanted it."""
        if self.transport is not None:
            self.transport.close()


waiting: ContextVar[PreloadedProcess | None] = ContextVar("preloaded_process", default=None)


@contextlib.asynccontextmanager
async def driver() -> AsyncIterator[None]:
    """Within this block Playwright finds its driver running; should it start it in another way, nothing is lost."""
    if "playwright.async_api" in sys.modules:
        yield  # nothing is left to do meanwhile
        return
    try:
        # Not part of Playwright's promise: where they are gone, it starts its driver itself, a little later.
        from playwright._impl._driver import compute_driver_executable, get_driver_env
    except ImportError:
        yield
        return
    child = PreloadedProcess((*compute_driver_executable(), "run-driver"))
    loop = asyncio.get_running_loop()
    await loop.subprocess_exec(lambda: child, *child.command, stderr=None, env=get_driver_env())
    token = waiting.set(child)
    try:
        yield
    finally:
        waiting.reset(token)
        child.end()
