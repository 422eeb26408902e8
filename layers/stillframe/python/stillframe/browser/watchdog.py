"""Kills the browser when it takes too much memory; a thread, because such a page starves the event loop."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable

from ..settings import Settings
from . import processes

log = logging.getLogger("stillframe")

_INTERVAL = 0.1
_RESERVE_MB = 350


def limit_bytes(settings: Settings) -> int:
    """The memory limit of the browser: configured, or the function's size less that of Python and driver."""
    if settings.memory_limit_mb:
        return settings.memory_limit_mb * 1_000_000
    size = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    if size.isdigit():
        return max(200, int(size) - _RESERVE_MB) * 1_048_576
    return 2_000_000_000


class Watchdog:
    """Measures every tenth of a second while a capture runs, and sleeps otherwise."""

    def __init__(self, limit: int, pids: Callable[[], Iterable[int]], kill: Callable[[], None]) -> None:
        self._limit, self._pids, self._kill = limit, pids, kill
        self._busy = threading.Event()
        self._count = 0
        self._lock = threading.Lock()
        self.peak = 0
        threading.Thread(target=self._watch, name="stillframe-watchdog", daemon=True).start()

    def __enter__(self) -> Watchdog:
        with self._lock:
            self._count += 1
            self._busy.set()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0:
                self._busy.clear()

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            self._busy.wait()
            pause.wait(_INTERVAL)
            used = processes.private_bytes(self._pids())
            self.peak = max(self.peak, used)
            if used > self._limit:
                log.warning("memory limit reached", extra={"bytes": used, "limit": self._limit})
                self._kill()
