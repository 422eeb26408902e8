"""Keeps the heap of this process small, and gives memory back after a capture that made it grow.

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


# malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
# Larger blocks are mapped, and unmapped when they are freed. Without a fixed threshold glibc raises its own
# to 32 MB, and malloc_trim(3) does not return the end of a thread's heap: 110 MB stayed after six bodies of
# 20 MB (tests/attack/test_memory_floods.py).
_MAPPED_BYTES = 4 << 20


def share_one_heap() -> None:
    """Let all threads allocate from one heap; call it before the second thread starts.

    glibc gives a thread a heap of its own, up to eight for each processor, and each keeps what a picture
    needed there: 24 MB of 39 were free after 40 captures (malloc_stats(3)). Python's threads take turns, so
    they hardly wait for each other in one heap.
    """
    _set(_M_ARENA_MAX, 1)


def return_large_blocks() -> None:
    """Let freed blocks of several megabytes leave the process at once; call it before large allocations."""
    _set(_M_MMAP_THRESHOLD, _MAPPED_BYTES)
    _set(_M_TRIM_THRESHOLD, 2 * _MAPPED_BYTES)


def _set(parameter: int, value: int) -> None:
    """Set a parameter of glibc's allocator; other C libraries have no such function."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            CDLL(None).mallopt(parameter, value)


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
