"""The browser's processes as the kernel sees them: found by their private directory, measured, ended."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection, Iterable
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def using(directory: Path) -> list[int]:
    """Processes whose command line names the directory: the browser, not the driver. Empty without /proc."""
    needle = str(directory).encode()
    found = []
    for entry in _numbered():
        with contextlib.suppress(OSError):
            if needle in _read(f"{_PROC}/{entry}/cmdline") and int(entry) != os.getpid():
                found.append(int(entry))
    return found


def is_running(pid: int) -> bool:
    """Whether a process of this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def children_using(directory: Path, among: Iterable[int] = ()) -> list[int]:
    """Child processes whose environment names the directory: the driver, whose TMPDIR it is.

    `among` are the child processes that are known; without them every process is looked at.
    """
    needle = str(directory).encode()
    found = []
    for pid in among or map(int, _numbered()):
        if parent(pid) == os.getpid():
            with contextlib.suppress(OSError):
                if needle in (_PROC / str(pid) / "environ").read_bytes():
                    found.append(pid)
    return found


def kill_groups(pids: Iterable[int]) -> None:
    """Kill the process groups of these processes, but never our own group."""
    own = os.getpgrp()
    for pid in pids:
        with contextlib.suppress(OSError):
            group = os.getpgid(pid)
            if group == own:
                os.kill(pid, signal.SIGKILL)
            else:
                os.killpg(group, signal.SIGKILL)


def tree(root: int) -> list[int]:
    """A process and all of its descendants."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with contextlib.suppress(OSError):
            tasks = f"{_PROC}/{pid}/task"
            for task in os.listdir(tasks):
                waiting += map(int, _read(f"{tasks}/{task}/children").split())
    return found


def private_bytes(pids: Iterable[int]) -> int:
    """Resident memory that these processes do not share with files, in bytes."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError, ValueError):
            resident, shared = _read(f"{_PROC}/{pid}/statm").split()[1:3]
            total += max(0, int(resident) - int(shared)) * _PAGE
    return total


def parent(pid: int) -> int | None:
    """The parent's process id; None for a process that is gone."""
    found = _stat(pid)
    return None if found is None else found[2]


def dead_children(besides: Collection[int] = ()) -> list[int]:
    """Children of this process that nobody has waited for."""
    return [
        pid
        for pid in map(int, _numbered())
        if pid not in besides and (found := _stat(pid)) and found[1] == "Z" and found[2] == os.getpid()
    ]


def zombies() -> int:
    """Dead descendants of this process that nobody has waited for."""
    return sum(1 for pid in tree(os.getpid())[1:] if (found := _stat(pid)) and found[1] == "Z")


def _stat(pid: int) -> tuple[str, str, int] | None:
    """Name, state and parent."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        name, _, rest = _read(f"{_PROC}/{pid}/stat").decode(errors="replace").rpartition(")")
        state, parent_pid = rest.split()[:2]
        return name.partition("(")[2], state, int(parent_pid)
    return None


def _read(path: str) -> bytes:
    """A small file of /proc, read without the layers of `open`: the watchdog reads a hundred at a time."""
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.read(handle, 65_536)
    finally:
        os.close(handle)


def _numbered() -> list[str]:
    try:
        return [name for name in os.listdir(_PROC) if name.isdigit()]
    except OSError:
        return []
