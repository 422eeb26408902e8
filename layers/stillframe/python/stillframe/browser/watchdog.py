"""Kills browser and driver when they and this process together take too much memory.

The measurements run in a thread, because a page that floods the processes also keeps the event loop busy.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

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


class MemoryUse(NamedTuple):
    """Private memory in bytes: of the browser with its driver, and of this process."""

    browser: int
    process: int


class Watchdog:
    """Measures every tenth of a second while a capture runs, and sleeps otherwise."""

    def __init__(self, limit: int, read: Callable[[], MemoryUse], kill: Callable[[], None]) -> None:
        self._limit, self._read, self._kill = limit, read, kill
        self._busy = threading.Event()
        self._observers: list[Callable[[int, int], None]] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, name="stillframe-watchdog", daemon=True).start()

    @contextmanager
    def watching(self, observer: Callable[[int, int], None]) -> Iterator[None]:
        """Measure during the block, and tell `observer` the bytes of browser and process, at least once."""
        measured = False

        def observe(browser: int, process: int) -> None:
            nonlocal measured
            measured = True
            observer(browser, process)

        with self._lock:
            self._observers.append(observe)
            self._busy.set()
        try:
            yield
        finally:
            with self._lock:
                self._observers.remove(observe)
                if not self._observers:
                    self._busy.clear()
            if not measured:
                observer(*self._read())  # the capture was shorter than the interval

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            self._busy.wait()
            pause.wait(_INTERVAL)
            self.measure()

    def measure(self) -> None:
        """Kill when the processes are over the limit."""
        used = self._read()
        with self._lock:
            observers = list(self._observers)
        for observe in observers:
            observe(*used)
        if sum(used) > self._limit:
            log.warning("memory limit reached", extra={"bytes": sum(used), "limit": self._limit})
            self._kill()
