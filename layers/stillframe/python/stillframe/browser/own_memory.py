"""Gives memory of this process back to the system after a capture that made it grow.

Playwright parses what a page sends to its driver into objects of this process. glibc keeps the freed memory
in its heap: 240 MB stayed after 60 console messages of 20 MB (tests/attack/test_memory_floods.py).
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from ctypes import CDLL

from . import processes

# Below this growth nothing is done: collecting and trimming take some tens of milliseconds.
_GROWN_BYTES = 16_000_000
# The error of a failed capture still refers to its page, so the first collection may find little.
_TRIES = 4


class OwnMemory:
    """The private memory of this process, compared with the least that it had after a capture."""

    def __init__(self) -> None:
        self._least: int | None = None
        self._tries = 0

    def give_back(self) -> None:
        """Collect garbage and trim the heap when the process has grown much."""
        used = _used()
        if self._least is None or used < self._least:
            self._least = used
        if used - self._least < _GROWN_BYTES:
            self._tries = 0
            return
        gc.collect()
        _trim()
        self._tries += 1
        if self._tries == _TRIES:
            # The memory is in use, by a cache for example. It is not collected again and again.
            self._least, self._tries = _used(), 0


def _used() -> int:
    return processes.private_bytes([os.getpid()])


def _trim() -> None:
    """Return the free pages of glibc's heap; other C libraries have no such function."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            CDLL(None).malloc_trim(0)
