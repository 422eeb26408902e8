"""Keeps a sandbox clean of what dead browsers leave: directories, core dumps, orphans, zombies."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from ctypes import CDLL
from pathlib import Path

from . import processes

PREFIX = "stillframe-"
# A browser starts in less than 1 MB of its own; pages store and download a little more.
ROOM_BYTES = 64 << 20
_PR_SET_CHILD_SUBREAPER = 36


def on_lambda() -> bool:
    """Whether this sandbox is ours alone."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def short_of_room() -> bool:
    """Whether the temporary directory is too full for a capture to be sure of it."""
    return shutil.disk_usage(tempfile.gettempdir()).free < ROOM_BYTES


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
    """End and remove what dead processes left in the temporary directory: browsers whose driver is gone, and files.

    What belongs to another process that lives is left alone: its browser may only just be starting.
    """
    temporary = Path(tempfile.gettempdir())
    for path in temporary.glob(f"{PREFIX}*"):
        if path in _in_use or not path.is_dir() or _is_anothers(path):
            continue
        processes.kill_groups(processes.using(path))
        remove(path)
    if on_lambda():
        for core in temporary.glob("core.*"):
            with contextlib.suppress(OSError):
                core.unlink()


def _is_anothers(path: Path) -> bool:
    owner = path.name.removeprefix(PREFIX).partition("-")[0]
    if not owner.isdigit():
        return True
    return int(owner) != os.getpid() and processes.lives(int(owner))


def become_subreaper() -> None:
    """Become the parent of a dead driver's browsers on Lambda, where nobody else is sure to wait for them."""
    if on_lambda() and sys.platform == "linux":
        CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_children() -> None:
    """Wait for the dead among the adopted; the driver is the event loop's to wait for."""
    for pid in processes.dead_children(besides="node"):
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)
