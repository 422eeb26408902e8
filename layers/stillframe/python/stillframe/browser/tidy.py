"""Keeps a sandbox clean of what dead browsers leave: directories, core dumps, orphans, zombies."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from ctypes import CDLL
from pathlib import Path

from . import processes

PREFIX = "stillframe-"
# A browser starts in less than 1 MB of its own; pages store and download a little more.
ROOM_BYTES = 64 << 20
_STALE_SECONDS = 60.0
_PR_SET_CHILD_SUBREAPER = 36


def on_lambda() -> bool:
    """Whether this sandbox is ours alone."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def short_of_room() -> bool:
    """Whether the temporary directory is too full for a capture to be sure of it."""
    return shutil.disk_usage(tempfile.gettempdir()).free < ROOM_BYTES


def sweep(keep: Path | None = None) -> None:
    """Remove what browsers of killed processes left in the temporary directory, all but `keep`.

    A browser whose driver is dead answers to nobody, so it is ended; one that has a driver belongs to another
    process of this user and is left alone, as is a directory so young that its browser may still be starting.
    """
    temporary = Path(tempfile.gettempdir())
    for path in temporary.glob(f"{PREFIX}*"):
        if path == keep or not path.is_dir():
            continue
        users = processes.using(path)
        if any(processes.parent(pid) in (1, os.getpid()) for pid in users):
            processes.kill_groups(users)
        elif users or not (on_lambda() or _is_stale(path)):
            continue
        shutil.rmtree(path, ignore_errors=True)
    if on_lambda():
        for core in temporary.glob("core.*"):
            with contextlib.suppress(OSError):
                core.unlink()


def _is_stale(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime > _STALE_SECONDS
    return False


def adopt_orphans() -> None:
    """Become the parent of a dead driver's browsers on Lambda, where nobody else is sure to wait for them."""
    if on_lambda() and sys.platform == "linux":
        CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def bury() -> None:
    """Wait for the dead among the adopted; the driver is the event loop's to wait for."""
    for pid in processes.dead_children(besides="node"):
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)
