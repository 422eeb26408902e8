"""Runs a function of a module of `conversions` in a process that ends with the deadline of its capture.

A thread cannot be ended: ten AVIFs of 40 megapixels kept a processor busy for 11 s after their caller had
been answered with 504. A process costs 50 ms, so short conversions stay in their thread.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any

from ..deadline import Deadline
from ..errors import DeadlineExceeded

# The limit where no deadline is given, in seconds.
_SECONDS = 60.0
# Encoding 40 megapixels as AVIF takes 950 MB.
_MEMORY_BYTES = 1_500_000_000
_TOO_DEEP = 3
# It makes a package of the module's folder: an import by the full name would load `stillframe.outputs`.
_PROGRAM = """import json, resource, sys
folder, module, name, arguments, search, memory, too_deep = json.loads(sys.argv[1])
sys.path[:] = search
resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
package = sys.modules["conversions"] = type(sys)("conversions")
package.__path__ = [folder]
module = "conversions." + module
__import__(module)
try:
    done = getattr(sys.modules[module], name)(sys.stdin.buffer.read(), **arguments)
except RecursionError:
    sys.exit(too_deep)
sys.stdout.buffer.write(done)"""


class WorkerFailed(Exception):
    """The process ended without a result."""


class _Processes:
    """The running processes of one capture, which end together."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    @contextlib.contextmanager
    def holding(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        with self._lock:
            self._running.add(process)
            if self._ended:
                process.kill()
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(process)

    def end(self) -> None:
        with self._lock:
            self._ended = True
            for process in self._running:
                process.kill()


_processes: ContextVar[_Processes | None] = ContextVar("worker_processes", default=None)


@contextlib.contextmanager
def ending_with(deadline: Deadline) -> Iterator[None]:
    """Processes that start within this block end with the deadline, or with the block when it is left sooner.

    The block holds for threads that `asyncio.to_thread` starts in it.
    """
    processes = _Processes(deadline)
    token = _processes.set(processes)
    try:
        yield
    finally:
        _processes.reset(token)
        processes.end()


def seconds_left() -> float:
    """Seconds until the deadline of this block; a minute outside of a block."""
    processes = _processes.get()
    return _SECONDS if processes is None else processes.deadline.remaining()


def run(
    name: str,
    data: bytes,
    *,
    module: ModuleType,
    seconds: float | None = None,
    **arguments: Any,
) -> bytes:
    """The result of the function `name` of a module, from a process that is killed after `seconds`.

    In the process the module's folder is a package of its own: modules may import others of the folder only.

    Raises DeadlineExceeded, RecursionError of the function, WorkerFailed.
    """
    processes = _processes.get() or _Processes(Deadline(time.monotonic() + _SECONDS))
    left = processes.deadline.remaining()
    limit = left if seconds is None else min(left, seconds)
    search = [path for path in sys.path if path]
    path = Path(str(module.__file__))
    task = json.dumps([str(path.parent), path.stem, name, arguments, search, _MEMORY_BYTES, _TOO_DEEP])
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, task],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
    except OSError as error:
        raise WorkerFailed(type(error).__name__) from error
    with process, processes.holding(process):
        try:
            output, _ = process.communicate(data, timeout=limit)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise DeadlineExceeded("encode") from error
    if process.returncode == _TOO_DEEP:
        raise RecursionError
    if process.returncode != 0:
        raise WorkerFailed(f"status {process.returncode}")
    return output
