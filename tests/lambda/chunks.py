"""Counts the 512 KB chunks of the image that a cold start touches until its first picture; needs root and Podman.

Lambda fetches an image in such chunks when they are first read. Here every file of the image is dropped from
the page cache, one capture is made in the confined image, and the pages that are back are counted. The kernel
reads ahead, so this is an upper bound: lower the disk's read_ahead_kb for a closer one. Files smaller than a
chunk are counted as if packed side by side.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from emulated import Confined

CHUNK = 512 * 1024
HANDLER = "functions.direct_invoke.handler.handler"
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]


def files(root: Path) -> list[Path]:
    found = []
    for folder, _, names in os.walk(root):
        found += [path for name in names if (path := Path(folder, name)).is_file() and not path.is_symlink()]
    return found


def forget(path: Path) -> None:
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def resident(path: Path) -> list[int]:
    """Numbers of the pages of a file that are in memory."""
    size = path.stat().st_size
    if size == 0:
        return []
    with path.open("rb") as file:
        address = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
    states = ctypes.create_string_buffer((size + mmap.PAGESIZE - 1) // mmap.PAGESIZE)
    libc.mincore(address, size, states)
    libc.munmap(address, size)
    return [page for page, state in enumerate(states.raw[:-1]) if state & 1]


def place(path: str) -> str:
    """The part of the image that a file belongs to."""
    for prefix in (
        "usr/lib/chromium", "opt/python/playwright/driver", "opt/python", "usr/share/fonts", "usr/local/lib",
        "var/task", "usr/lib",
    ):  # fmt: skip
        if path.startswith(prefix):
            return prefix
    return "elsewhere"


def main(rie: Path, image: str) -> None:
    root = Path(subprocess.check_output(["podman", "image", "mount", image], text=True).strip())
    try:
        everything = files(root)
        for path in everything:
            forget(path)
        left = sum(len(resident(path)) for path in everything) * mmap.PAGESIZE
        with Confined("podman", rie, image, HANDLER, {}) as function:
            function.capture()
            touched = {path: pages for path in everything if (pages := resident(path))}
        table: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for path in everything:
            row, size, pages = (
                table[place(str(path.relative_to(root)))],
                path.stat().st_size,
                touched.get(path, []),
            )
            row[0] += size
            row[1] += len(pages) * mmap.PAGESIZE
            if size >= CHUNK:
                row[2] += len({page * mmap.PAGESIZE // CHUNK for page in pages})
            else:
                row[3] += size if pages else 0
    finally:
        subprocess.run(["podman", "image", "unmount", image], stdout=subprocess.DEVNULL, check=False)
    print(f"{left / 1e6:.0f} MB could not be dropped from the page cache beforehand")
    print(f"{'part':32}{'MB':>8}{'MB read':>9}{'chunks':>8}")
    chunks = 0
    for name, (size, read, large, small) in sorted(table.items(), key=lambda row: -row[1][1]):
        count = large + -(-small // CHUNK)
        chunks += count
        print(f"{name:32}{size / 1e6:8.1f}{read / 1e6:9.1f}{count:8}")
    total, read = (sum(row[i] for row in table.values()) / 1e6 for i in (0, 1))
    print(f"{'all':32}{total:8.1f}{read:9.1f}{chunks:8}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "stillframe")
