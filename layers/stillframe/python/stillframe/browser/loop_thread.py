"""An event loop in a thread of its own, for what must live on between two calls from anywhere."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from .confine import ConfiningEventLoop

T = TypeVar("T")


class LoopThread:
    """A loop that every door can use: a plain function (`run`), another event loop (`arun`), nothing at all meanwhile."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unfinished: set[asyncio.Task[Any]] = set()

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, started with its thread on first use."""
        if self._loop is None:
            with self._starting:
                if self._loop is None:
                    loop = ConfiningEventLoop()
                    threading.Thread(target=loop.run_forever, name="stillframe-browser", daemon=True).start()
                    self._loop = loop
        return self._loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for it; for callers without a loop of their own."""
        return asyncio.run_coroutine_threadsafe(work, self.loop()).result()

    async def arun(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop from another one; cancelling the wait cancels the work."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop()))

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """On the loop: wait for work that goes on to its end, whoever stops waiting for it."""
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        # An error that nobody waits for any more has been logged where it arose.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """On the loop: wait for what is still being finished."""
        await asyncio.gather(*self._unfinished, return_exceptions=True)
