"""Removes what dead browsers leave behind: directories, core dumps, orphaned and zombie processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Collection
from ctypes import CDLL
from pathlib import Path

from . import processes

PREFIX = "stillframe-"
# A browser needs less than 1 MB to start; pages store and download a little more.
MIN_FREE_BYTES = 64 << 20
_PR_SET_CHILD_SUBREAPER = 36


def on_lambda() -> bool:
    """Whether no other program uses this sandbox."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def is_disk_nearly_full() -> bool:
    """Whether the temporary directory may be too full for another capture."""
    return shutil.disk_usage(tempfile.gettempdir()).free < MIN_FREE_BYTES


_in_use: set[Path] = set()


def new_directory() -> Path:
    """A private directory for one browser, named after the process that owns it."""
    path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    _in_use.add(path)
    return path


def remove(path: Path) -> None:
    """Remove a browser's directory."""
    _in_use.discard(path)
    shutil.rmtree(path, ignore_errors=True)


def remove_leftovers() -> None:
    """Kill browsers whose driver is dead, and remove the temporary files of dead processes.

    The directory of a live process stays: its browser may only just be starting.
    """
    temporary = Path(tempfile.gettempdir())
    for path in temporary.glob(f"{PREFIX}*"):
        if path in _in_use or not path.is_dir() or _belongs_to_live_process(path):
            continue
        processes.kill_groups(processes.using(path))
        remove(path)
    if on_lambda():
        for core in temporary.glob("core.*"):
            with contextlib.suppress(OSError):
                core.unlink()


def _belongs_to_live_process(path: Path) -> bool:
    owner = path.name.removeprefix(PREFIX).partition("-")[0]
    if not owner.isdigit():
        return True
    return int(owner) != os.getpid() and processes.is_running(int(owner))


def become_subreaper() -> None:
    """Adopt the browsers of a dead driver on Lambda, where no init process reaps them (prctl(2))."""
    if on_lambda() and sys.platform == "linux":
        CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_children(besides: Collection[int]) -> None:
    """Reap adopted children that have exited; the event loop reaps its own, which are `besides`."""
    for pid in processes.dead_children(besides):
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)
