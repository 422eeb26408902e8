"""Starts Playwright's driver before Playwright is imported: Node starts while Python imports."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, cast

from . import driver_snapshot


class PreloadedProcess(asyncio.SubprocessProtocol):
    """A running process whose output is kept until its command is started."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """`command` is the command in whose place the process is adopted."""
        self.command = command
        self.transport: asyncio.SubprocessTransport | None = None
        self.output: list[tuple[int, bytes]] = []
        self.exited = asyncio.Event()
        self._pipe_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.output.append((fd, data))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._pipe_lost = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.exited.set()

    def adopt_into(self, command: tuple[Any, ...], listener: Callable[[], Any]) -> tuple[Any, Any] | None:
        """The process with the protocol that `listener` makes.

        None for another command, or when it has exited.
        """
        if self.transport is None or self._pipe_lost or command != self.command or self._has_ended():
            return None
        transport, self.transport = self.transport, None
        protocol = listener()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        for fd, data in self.output:
            protocol.pipe_data_received(fd, data)
        return transport, protocol

    def _has_ended(self) -> bool:
        """Whether the process has exited; while modules are imported the loop cannot have seen it."""
        pid = self.transport.get_pid() if self.transport is not None else None
        try:
            return pid is None or os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def kill(self) -> None:
        """Kill a process that was not adopted."""
        if self.transport is not None:
            self.transport.close()


waiting: ContextVar[PreloadedProcess | None] = ContextVar("preloaded_process", default=None)


def is_early() -> bool:
    """Whether Playwright is still to be imported, and something can start meanwhile."""
    return "playwright.async_api" not in sys.modules


@contextlib.asynccontextmanager
async def driver(hook: Path | None = None, descriptors: tuple[int, ...] = ()) -> AsyncIterator[None]:
    """Within this block Playwright adopts a driver that already runs, if it starts the same command.

    The driver loads the script `hook` before its own code, and inherits the descriptors.
    """
    if not is_early():
        yield  # there is no import to wait for
        return
    try:
        # Private functions of Playwright. Without them it starts its driver itself, a little later
        # (tests/unit/browser/test_driver_preload.py).
        from playwright._impl._driver import compute_driver_executable, get_driver_env
    except ImportError:
        yield
        return
    node, script = compute_driver_executable()
    child = PreloadedProcess((node, script, "run-driver"))
    plain = (node, *(("--require", str(hook)) if hook else ()), script, "run-driver")
    await asyncio.get_running_loop().subprocess_exec(
        lambda: child,
        *(driver_snapshot.command(node, script, hook) or plain),
        stderr=None,
        env=get_driver_env(),
        pass_fds=descriptors,
    )
    token = waiting.set(child)
    try:
        yield
    finally:
        waiting.reset(token)
        child.kill()
