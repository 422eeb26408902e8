"""The heap of this process, in a process of its own: the parameters of glibc's allocator cannot be undone."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_THREADS = """
import ctypes, threading
from stillframe.browser.loop_thread import LoopThread

LoopThread("first").loop()
threads = [threading.Thread(target=lambda: bytearray(100_000)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives threads heaps of their own")
def test_threads_share_one_heap() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _THREADS], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("<heap nr=") == 1
