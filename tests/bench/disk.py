"""The image as one read-only disk, as Lambda stores it, that tells which of its pages have been read."""

from __future__ import annotations

import array
import contextlib
import ctypes
import fcntl
import mmap
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

from .sandbox import Unavailable, ask

CHUNK = 512 * 1024  # what Lambda fetches at once
READ_AHEAD_KB = 128  # Linux's own default, which a disk of this machine may exceed many times
_SET_FD, _CLR_FD, _GET_FREE = 0x4C00, 0x4C01, 0x4C82
_FIEMAP = 0xC020660B
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]


def resident(path: Path) -> list[int]:
    """Numbers of the pages of a file that are in memory."""
    size = path.stat().st_size
    if size == 0:
        return []
    with path.open("rb") as file:
        address = _libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
    states = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
    _libc.mincore(address, size, states)
    _libc.munmap(address, size)
    return [page for page, state in enumerate(states.raw[:-1]) if state & 1]


def extents(path: Path) -> list[tuple[int, int, int]]:
    """Where a file lies: offset in the file, offset on the disk, length."""
    room = 256
    request = array.array("B", struct.pack("QQIIII", 0, 2**63, 0, 0, room, 0) + bytes(56 * room))
    with path.open("rb") as file:
        fcntl.ioctl(file.fileno(), _FIEMAP, request)
    count = struct.unpack_from("QQIIII", request)[3]
    return [struct.unpack_from("QQQ", request, 32 + 56 * number) for number in range(count)]


@contextlib.contextmanager
def mounted(root: Path, scratch: Path) -> Iterator[tuple[Path, Path]]:
    """The tree as an unread ext4 disk on a loop device: its mount point, and the file of the disk.

    The file is opened for random access, so the device reads from it just what the system on it asks for.
    """
    if os.geteuid() != 0 or not Path("/dev/loop-control").exists() or not shutil.which("mkfs.ext4"):
        raise Unavailable("counting what is read needs root, loop devices and mkfs.ext4")
    disk, mount = scratch / "disk.ext4", scratch / "mount"
    mount.mkdir()
    kilobytes = int(int(ask("du", "-sxk", str(root)).split()[0]) * 1.15)
    ask(
        "mkfs.ext4",
        "-q",
        "-O",
        "^has_journal",
        "-m",
        "0",
        "-E",
        "lazy_itable_init=0",
        "-N",
        "65536",
        "-d",
        str(root),
        str(disk),
        f"{kilobytes}k",
    )
    with contextlib.ExitStack() as stack:
        file = os.open(disk, os.O_RDWR)
        stack.callback(os.close, file)
        os.fsync(file)
        for advice in (os.POSIX_FADV_RANDOM, os.POSIX_FADV_DONTNEED):
            os.posix_fadvise(file, 0, 0, advice)
        control = os.open("/dev/loop-control", os.O_RDWR)
        stack.callback(os.close, control)
        number = fcntl.ioctl(control, _GET_FREE)
        device = os.open(f"/dev/loop{number}", os.O_RDWR)
        stack.callback(os.close, device)
        fcntl.ioctl(device, _SET_FD, file)
        stack.callback(fcntl.ioctl, device, _CLR_FD, 0)
        Path(f"/sys/block/loop{number}/queue/read_ahead_kb").write_text(str(READ_AHEAD_KB))
        ask("mount", "-o", "noatime", f"/dev/loop{number}", str(mount))
        stack.callback(ask, "umount", str(mount))
        yield mount, disk
