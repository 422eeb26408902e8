"""A compromised browser has no credentials, no datagram sockets and no access to other processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stillframe.browser import environment, event_loop, seccomp

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "session",
    "AWS_SECURITY_TOKEN": "session",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:2773/v1",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "AWS_LAMBDA_METADATA_TOKEN": "token",
    "AWS_SOMETHING_NEW": "unknown",
    "_AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129",
    "AUTH_TOKEN": "bearer",
    "URL_SIGNING_SECRET": "signing",
    "PROXY_PASSWORD": "password",
    "DATABASE_PASSWORD": "password",
    "STRIPE_API_KEY": "key",
    "NAMED_BY_SETTINGS": "secret",
}
PLAIN = {
    "AWS_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_NAME": "capture",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:5000",
    "AUTH_TOKEN_SECRET_ARN": "arn:aws:secretsmanager:…",
    "PATH": "/usr/bin",
    "TZ": "UTC",
    "HOME": "/root",
    "POWERTOOLS_SERVICE_NAME": "stillframe",
}


def test_chromium_gets_a_minimal_environment(tmp_path: Path) -> None:
    found = environment.minimal_environment(tmp_path, SECRETS | PLAIN)
    assert found == {"PATH": "/usr/bin", "TZ": "UTC", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}


def test_the_driver_gets_only_variables_that_it_needs(tmp_path: Path) -> None:
    node = {"PW_LANG_NAME": "python", "LC_NUMERIC": "C"}
    others = {"NODE_OPTIONS": "--require=x", "PLAYWRIGHT_X": "1", "HTTP_PROXY": "x", "LD_PRELOAD": "x"}
    found = environment.driver_environment(tmp_path, SECRETS | PLAIN | node | others)
    private = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    own = {"NODE_OPTIONS": environment.NODE_OPTIONS}
    assert found == {"PATH": "/usr/bin", "TZ": "UTC"} | node | private | own


PROBE = """
import ctypes, errno, os, resource, socket, sys
def attempt(name, call):
    try:
        call()
        print(name, "ok")
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, error.errno))
libc = ctypes.CDLL(None, use_errno=True)
def syscall(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
for family in ("AF_INET", "AF_INET6"):
    for kind in ("SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_SEQPACKET"):
        made = getattr(socket, family), getattr(socket, kind)
        attempt(family + kind, lambda: socket.socket(*made).close())
flags = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
attempt("flags", lambda: socket.socket(2, flags).close())
attempt("unix", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).close())
attempt("pair", lambda: [end.close() for end in socket.socketpair()])
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close())
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close())
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM).close())
x86 = os.uname().machine == "x86_64"
attempt("ptrace", lambda: syscall(101 if x86 else 117, 2, os.getppid(), 0, 0))
attempt("readv", lambda: syscall(310 if x86 else 270, os.getppid(), 0, 0, 0, 0, 0))
attempt("writev", lambda: syscall(311 if x86 else 271, os.getppid(), 0, 0, 0, 0, 0))
attempt("getfd", lambda: syscall(438, 0, 0, 0))
attempt("io_uring", lambda: syscall(425, 1, 0))
attempt("x32", lambda: syscall(0x40000000 + 41, 2, 2, 0))
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
print("seccomp", status["Seccomp"].strip(), "privileges", status["NoNewPrivs"].strip())
print("core", resource.getrlimit(resource.RLIMIT_CORE), "file", resource.getrlimit(resource.RLIMIT_FSIZE))
"""


def run_child(loop: asyncio.AbstractEventLoop, code: str, *, confined: bool = True) -> dict[str, str]:
    async def child() -> str:
        command = (sys.executable, "-c", code)
        if confined:
            process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        else:
            with event_loop.unconfined_children():
                process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        out, _ = await process.communicate()
        return out.decode()

    lines = loop.run_until_complete(child()).splitlines()
    return {name: rest for name, _, rest in (line.partition(" ") for line in lines)}


@pytest.fixture
def loop():
    loop = event_loop.ConfiningEventLoop()
    yield loop
    loop.close()


def test_a_child_process_can_open_tcp_sockets_only(loop: asyncio.AbstractEventLoop) -> None:
    found = run_child(loop, PROBE)
    if "seccomp 2" not in f"seccomp {found['seccomp']}":
        pytest.skip("this kernel refuses seccomp filters; only the switches carry here")
    allowed = {name for name, result in found.items() if result == "ok"}
    assert {"AF_INETSOCK_STREAM", "AF_INET6SOCK_STREAM", "unix", "pair"} == allowed
    for name in (
        "AF_INETSOCK_DGRAM",
        "AF_INET6SOCK_DGRAM",
        "AF_INETSOCK_RAW",
        "flags",
        "netlink",
        "packet",
        "vsock",
    ):
        assert found[name] == "EACCES", name
    for name in ("ptrace", "readv", "writev", "getfd", "x32"):
        assert found[name] == "EACCES", name
    assert found["io_uring"] == "ENOSYS"
    assert found["seccomp"] == "2 privileges 1"
    assert found["core"] == f"(0, 0) file ({seccomp.FILE_BYTES}, {seccomp.FILE_BYTES})"


def test_without_the_filter_every_socket_can_be_opened(loop: asyncio.AbstractEventLoop) -> None:
    """The test above would prove nothing if datagrams failed anyway."""
    found = run_child(loop, PROBE, confined=False)
    assert found["AF_INETSOCK_DGRAM"] == "ok"
    assert found["readv"] != "EACCES"
    assert found["seccomp"].startswith("0 ")


def test_the_service_process_is_not_confined(loop: asyncio.AbstractEventLoop) -> None:
    run_child(loop, "pass")
    assert "Seccomp:\t0" in Path("/proc/self/status").read_text()


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_stays_inside_the_program(architecture: str) -> None:
    program = seccomp.seccomp_program(architecture)
    assert program is not None
    rows = [program[at : at + 8] for at in range(0, len(program), 8)]
    for index, row in enumerate(rows):
        if row[0] & 0x07 == 0x05:
            assert index + 1 + max(row[2], row[3]) < len(rows)
    assert rows[-1][0] == 0x06


def test_an_unknown_architecture_has_no_filter() -> None:
    assert seccomp.seccomp_program("riscv64") is None


UNREADABLE = """
import os, stillframe.browser.environment as environment, subprocess, sys
confined = sys.argv[1] == "yes"
if confined:
    assert environment.forbid_memory_access()
child = '''
import sys
for name in ('environ', 'mem', 'maps'):
    try:
        open(f'/proc/{sys.argv[1]}/{name}', 'rb').close()
        print(name)
    except OSError:
        pass
'''
if os.getuid() == 0:
    demote = dict(user=65534, group=65534, extra_groups=[])
else:
    demote = {}
command = [sys.executable, "-c", child, str(os.getpid())]
print(subprocess.run(command, capture_output=True, text=True, **demote).stdout)
"""


def test_a_child_cannot_read_memory_and_environment_of_the_service(tmp_path: Path) -> None:
    """As root every process may read every other; there the kernel's own flag is what can be checked."""
    if os.getuid() == 0:
        code = (
            "import ctypes, stillframe.browser.environment as environment\n"
            "before = ctypes.CDLL(None).prctl(3)\n"
            "print(environment.forbid_memory_access(), before, ctypes.CDLL(None).prctl(3))"
        )
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert out.stdout.split() == ["True", "1", "0"]
        return
    seen = {
        answer: (
            subprocess.run(
                [sys.executable, "-c", UNREADABLE, answer], capture_output=True, text=True, check=True
            ).stdout.split()
        )
        for answer in ("no", "yes")
    }
    assert seen == {"no": ["environ", "mem", "maps"], "yes": []}
