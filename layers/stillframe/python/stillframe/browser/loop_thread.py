"""The event loop in its own thread, which outlives every invocation, and work that always finishes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from . import own_memory
from .event_loop import ConfiningEventLoop

T = TypeVar("T")


class LoopThread:
    """An event loop that any thread or any other loop can use; it starts with its first use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop."""
        if self._loop is None:
            with self._starting:
                if self._loop is None:
                    own_memory.share_one_heap()
                    loop = ConfiningEventLoop()
                    threading.Thread(target=loop.run_forever, name=self._name, daemon=True).start()
                    self._loop = loop
        return self._loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for it, from a thread without a loop of its own."""
        return asyncio.run_coroutine_threadsafe(work, self.loop()).result()

    async def arun(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop from another loop; cancelling the wait cancels the work."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop()))


class UninterruptedWork:
    """Work that runs to its end although its caller stops waiting, such as the launch of a browser."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work`; when the wait is cancelled, the work goes on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # The code that raised an error logged it; asyncio need not report it as never retrieved.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def wait_for_all(self) -> None:
        """Wait until everything that was started has ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
