"""Kills browser and driver when they and this process together take too much memory.

The measurements run in a thread, because a page that floods the processes also keeps the event loop busy.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from ..settings import Settings

log = logging.getLogger("stillframe")

_INTERVAL = 0.1
# The part of a function's memory that the sum does not contain: Lambda's own processes, memory that the
# browser's processes share, and what a page takes between two measurements.
_MARGIN_MB = 200
_SMALLEST_MB = 350
_DEFAULT_BYTES = 2_200_000_000


def limit_bytes(settings: Settings) -> int:
    """The memory limit of browser, driver and this process together: configured, or that of the function."""
    if settings.memory_limit_mb:
        return settings.memory_limit_mb * 1_000_000
    size = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    if size.isdigit():
        return max(_SMALLEST_MB, int(size) - _MARGIN_MB) * 1_048_576
    return _DEFAULT_BYTES


class Watchdog:
    """Measures every tenth of a second while a capture runs, and sleeps otherwise."""

    def __init__(self, limit: int, used_bytes: Callable[[], int], kill: Callable[[], None]) -> None:
        self._limit, self._used_bytes, self._kill = limit, used_bytes, kill
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
            self.measure()

    def measure(self) -> None:
        """Kill when the processes are over the limit."""
        used = self._used_bytes()
        self.peak = max(self.peak, used)
        if used > self._limit:
            log.warning("memory limit reached", extra={"bytes": used, "limit": self._limit})
            self._kill()
