"""What keeps credentials and the network out of a browser's reach, the guard aside.

The browser runs without Chromium's own sandbox, so whoever takes over a renderer is this user. What is
left between that user and the credentials: an environment without them, memory that cannot be read, and
a system call filter. None of it can stop a TCP connection to the Runtime API; the guard's switches do
that for a browser that is still itself.
"""

import asyncio
import contextlib
import os
import resource
import struct
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextvars import ContextVar
from ctypes import CDLL, addressof, create_string_buffer
from pathlib import Path
from platform import machine
from typing import Any

from . import driver_preload

# What the runtime client, Powertools and boto3 read later and what is no secret; every other AWS_* goes.
KEPT_AWS = frozenset(
    {
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_LEVEL",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_REGION",
        "AWS_SAM_LOCAL",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
    }
)
SECRET_ENDINGS = ("_TOKEN", "_SECRET", "_PASSWORD", "_KEY", "_CREDENTIALS", "_PASSPHRASE")
# What Chromium needs of the parent's environment: where things are and in which language.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH")
FILE_BYTES = 256 * 1024 * 1024

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38

# Playwright adds these; they let a page open windows and flood the browser without end.
DROPPED_DEFAULTS = (
    "--disable-popup-blocking",
    "--disable-ipc-flooding-protection",
    "--disable-hang-monitor",
)
NEVER = (
    "--allow-file-access",
    "--allow-file-access-from-files",
    "--allow-running-insecure-content",
    "--disable-site-isolation-trials",
    "--disable-web-security",
    "--ignore-certificate-errors",
    "--remote-debugging-address",
    "--remote-debugging-port",
    "--single-process",
)


def egress_flags(port: int) -> list[str]:
    """The switches that leave the guard on `port` of 127.0.0.1 as the only way out."""
    return [
        f"--proxy-server=http://127.0.0.1:{port}",
        # Without this entry Chromium sends loopback and link-local addresses round any proxy.
        "--proxy-bypass-list=<-loopback>",
        # WebRTC's UDP knows no proxy, and its candidates are resolved beside it.
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--dns-prefetch-disable",
        "--disable-quic",
        "--no-pings",
        "--disable-domain-reliability",
    ]


def scrub(environ: MutableMapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """Take credentials and secrets out of `environ` and return them.

    To be done before Playwright's driver starts, which copies the environment. `secrets` names what the
    settings know to be secret, beside what looks like it.
    """
    named = set(secrets)
    found = [name for name in environ if name in named or _is_secret(name)]
    return {name: environ.pop(name) for name in found}


def _is_secret(name: str) -> bool:
    if name.startswith(("AWS_", "_AWS_")):
        return name not in KEPT_AWS and not name.startswith("AWS_ENDPOINT_URL_")
    return name.upper().endswith(SECRET_ENDINGS)


def aws_credentials(removed: dict[str, str]) -> dict[str, str]:
    """The arguments with which a boto3 client works after `scrub`; empty where there were no keys."""
    names = {
        "aws_access_key_id": "AWS_ACCESS_KEY_ID",
        "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
        "aws_session_token": "AWS_SESSION_TOKEN",
    }
    return {argument: removed[name] for argument, name in names.items() if name in removed}


def minimal_environment(private: Path, environ: MutableMapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of Chromium, with its home and temporary files in the directory `private`."""
    source = os.environ if environ is None else environ
    passed = {name: source[name] for name in PASSED_ON if name in source}
    return passed | {"HOME": str(private), "TMPDIR": str(private)}


def forbid_memory_access() -> bool:
    """Keep other processes of this user from reading our memory, environment and descriptors.

    Deleting a variable does not clean /proc/<pid>/environ; this makes it unreadable. No core dumps
    either. False where the kernel refuses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return False
    return bool(CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


# --- the system call filter -------------------------------------------------------------------------

EACCES, ENOSYS = 13, 38
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_EQ, _JUMP_GE, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data
_X32 = 0x40000000
AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM = 1, 2, 10, 1

# Architecture constant, socket(), then what reads other processes or opens sockets by another door:
# ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, perf_event_open, bpf, userfaultfd, add_key,
# request_key, keyctl. io_uring is last: it has a socket operation of its own.
_CALLS: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 41, (101, 310, 311, 438, 298, 321, 323, 248, 249, 250)),
    "aarch64": (0xC00000B7, 198, (117, 270, 271, 438, 241, 280, 282, 217, 218, 219)),
}
_IO_URING = (425, 426, 427)


def seccomp_program(architecture: str | None = None) -> bytes | None:
    """The BPF program: TCP and UNIX sockets only, nothing that looks into other processes.

    Without netlink Chromium cannot watch the interfaces, and takes itself to be online: a sandbox that is
    thawed, or that has no interface but loopback, does not end its requests as ERR_NETWORK_CHANGED.
    None on an architecture whose call numbers are not known here.
    """
    known = _CALLS.get(architecture or machine())
    if known is None:
        return None
    audit, socket, forbidden = known
    deny, absent = _ERRNO | EACCES, _ERRNO | ENOSYS
    program: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        # A 32-bit call has other numbers: refuse the whole alien table.
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
    """What a child does to itself between fork and exec; made before, so that the child only calls.

    A wrapper script as `executable_path` would do the same, at the price of an interpreter start for each
    launch (a quarter of a launch); done once for the driver, every browser inherits it.
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
        if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(PR_SET_SECCOMP, 2, self._program, 0, 0):
            # Some kernels refuse: the switches of `egress_flags` close the same ways, so the launch goes on.
            os.write(2, b"stillframe: the kernel refuses the system call filter\n")


_confined: ContextVar[bool] = ContextVar("confined", default=True)
_child_environment: ContextVar[Callable[[dict[str, str]], dict[str, str]] | None] = ContextVar(
    "child_environment", default=None
)


@contextlib.contextmanager
def child_environment(change: Callable[[dict[str, str]], dict[str, str]]) -> Iterator[None]:
    """Children started here get the environment that `change` makes of ours.

    Ours stays as it is: other threads read their credentials and settings from it at the same time.
    """
    token = _child_environment.set(change)
    try:
        yield
    finally:
        _child_environment.reset(token)


@contextlib.contextmanager
def unconfined_children() -> Iterator[None]:
    """Start children without the filter within this block, for a browser that does not live with it."""
    token = _confined.set(False)
    try:
        yield
    finally:
        _confined.reset(token)


class ConfiningEventLoop(asyncio.SelectorEventLoop):
    """An event loop whose children are confined: the place where Playwright starts its driver."""

    _confinement: Confinement | None = None

    async def subprocess_exec(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        """As the base class, with a `Confinement` in the child and the environment that was chosen for it."""
        child = driver_preload.waiting.get()
        if child is not None and (handed := child.adopt_into(args, protocol_factory)):
            return handed
        if (change := _child_environment.get()) is not None:
            kwargs["env"] = change(dict(kwargs.get("env") or os.environ))
        if sys.platform != "linux" or not _confined.get() or seccomp_program() is None:
            return await super().subprocess_exec(protocol_factory, *args, **kwargs)
        if self._confinement is None:
            self._confinement = Confinement()
        with warnings.catch_warnings():
            # Forking beside other threads is only safe for a child that touches no lock; this one does not.
            warnings.simplefilter("ignore", DeprecationWarning)
            return await super().subprocess_exec(
                protocol_factory, *args, preexec_fn=self._confinement, **kwargs
            )
