"""The worker of a local server: one message per slot at a time. Messages are lost when it stops."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading

from .. import queues
from ..browser.runtime import Runtime, runtime
from ..queues.memory import MemoryQueue
from .handle import RetryLater, handle_message

log = logging.getLogger("stillframe")


class LocalWorker:
    """Handles the messages of the process's own queue on the browser's loop."""

    def __init__(self, queue: MemoryQueue, browser: Runtime = runtime, base_url: str = "") -> None:
        self._queue, self._browser, self._base_url = queue, browser, base_url
        self._loop = browser.loop()
        self._inbox: asyncio.Queue[tuple[str, str, int]] = asyncio.Queue()
        self._names = itertools.count(1)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start to listen. Callable from any thread."""
        log.info("jobs run in this process and are lost when it exits")
        self._loop.call_soon_threadsafe(self._spawn)
        self._queue.listen(self._receive)

    async def stop(self) -> None:
        """Cancel running and waiting messages. Must run on the browser's loop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self) -> None:
        self._tasks = [self._loop.create_task(self._work()) for _ in range(self._browser.slot_count())]

    def _receive(self, body: str, delay: int, receives: int = 1, name: str | None = None) -> None:
        item = (body, name or f"local-{next(self._names)}", receives)
        self._loop.call_soon_threadsafe(self._loop.call_later, delay, self._inbox.put_nowait, item)

    async def _work(self) -> None:
        while True:
            body, name, receives = await self._inbox.get()
            try:
                await handle_message(body, message_id=name, receives=receives, base_url=self._base_url)
            except RetryLater as retry:
                if not retry.final:
                    self._receive(body, retry.seconds, receives + 1, name)
            except Exception:
                log.exception("a message could not be handled", extra={"message_id": name})


_lock = threading.Lock()
_worker: LocalWorker | None = None


def ensure_worker(base_url: str) -> None:
    """Start this process's worker if it has none and the queue is the process's own."""
    global _worker
    queue = queues.configured()
    if not isinstance(queue, MemoryQueue):
        return
    with _lock:
        if _worker is None:
            _worker = LocalWorker(queue, base_url=base_url)
            _worker.start()


async def stop_worker() -> None:
    """Stop this process's worker, if any. Callable from any loop."""
    global _worker
    with _lock:
        worker, _worker = _worker, None
    if worker is not None:
        await runtime.arun(worker.stop())
