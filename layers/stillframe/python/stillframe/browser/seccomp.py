"""The system call filter of driver and browser, installed between fork and exec."""

from __future__ import annotations

import contextlib
import os
import resource
import struct
from ctypes import CDLL, addressof, create_string_buffer
from platform import machine

# The largest file that the browser may write.
FILE_BYTES = 256 * 1024 * 1024

# linux/prctl.h
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2

EACCES, ENOSYS = 13, 38
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_EQ, _JUMP_GE, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data
_X32 = 0x40000000
AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM = 1, 2, 10, 1

# The architecture (linux/audit.h), the number of socket(), and the numbers of the calls that read other
# processes or open sockets in another way (asm/unistd.h): ptrace, process_vm_readv, process_vm_writev,
# pidfd_getfd, perf_event_open, bpf, userfaultfd, add_key, request_key, keyctl.
_CALLS: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 41, (101, 310, 311, 438, 298, 321, 323, 248, 249, 250)),
    "aarch64": (0xC00000B7, 198, (117, 270, 271, 438, 241, 280, 282, 217, 218, 219)),
}
# io_uring_setup, io_uring_enter, io_uring_register: io_uring opens sockets by an operation of its own.
_IO_URING = (425, 426, 427)


def seccomp_program(architecture: str | None = None) -> bytes | None:
    """The BPF program: it allows TCP and UNIX sockets only, and no call that reads other processes.

    Without netlink Chromium cannot watch the network interfaces and assumes that it is online. A thawed
    sandbox, or one with no interface but loopback, therefore does not fail its requests with
    ERR_NETWORK_CHANGED. Returns None on an architecture whose call numbers are not listed here.
    """
    known = _CALLS.get(architecture or machine())
    if known is None:
        return None
    audit, socket, forbidden = known
    deny, absent = _ERRNO | EACCES, _ERRNO | ENOSYS
    program: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        # A 32-bit call has other numbers: refuse every call of another architecture.
        (_JUMP_EQ, 1, 0, audit),
        (_RETURN, 0, 0, deny),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GE, 0, 1, _X32),
        (_RETURN, 0, 0, deny),
    ]
    for number in forbidden:
        program += [(_JUMP_EQ, 0, 1, number), (_RETURN, 0, 0, deny)]
    for number in _IO_URING:
        program += [(_JUMP_EQ, 0, 1, number), (_RETURN, 0, 0, absent)]
    program += [
        (_JUMP_EQ, 1, 0, socket),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST),
        (_JUMP_EQ, 5, 0, AF_UNIX),
        (_JUMP_EQ, 1, 0, AF_INET),
        (_JUMP_EQ, 0, 4, AF_INET6),
        (_LOAD, 0, 0, _SECOND),
        (_AND, 0, 0, 0xF),
        (_JUMP_EQ, 0, 1, SOCK_STREAM),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, deny),
    ]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


class Confinement:
    """Installs the filter in a child between fork and exec.

    Everything is prepared before the fork, so that the child only makes system calls.

    A wrapper script as Playwright's `executable_path` would cost an interpreter start for each launch, a
    quarter of its time. The driver gets the filter once, and every browser inherits it.
    """

    def __init__(self, program: bytes | None = None) -> None:
        self._libc = CDLL(None, use_errno=True)
        self._code = create_string_buffer(program or seccomp_program() or b"")
        count = (len(self._code) - 1) // 8
        self._program = create_string_buffer(struct.pack("HxxxxxxQ", count, addressof(self._code)))

    def __call__(self) -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
        prctl = self._libc.prctl
        if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(
            PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, self._program, 0, 0
        ):
            # Some kernels refuse the filter. The switches of `egress_flags` close the same ways out, so go
            # on.
            os.write(2, b"stillframe: the kernel refuses the system call filter\n")
