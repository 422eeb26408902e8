"""Runs a function as Lambda does: the real runtime client and the emulator, on the host or in the image."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PNG = b"\x89PNG\r\n\x1a\n"
INVOKE = "/2015-03-31/functions/function/invocations"
UID = "993:990"  # what Lambda runs a function as


def use_engine(said: str) -> str:
    """The container engine that engine.sh names; the environment of its client is set."""
    for line in said.splitlines():
        for pair in shlex.split(line)[1:]:
            key, _, value = pair.partition("=")
            os.environ[key] = value
    return os.environ["ENGINE"]


class FunctionFailed(Exception):
    """The runtime answered for the function: it raised, died, took too long or said too much."""


class CaptureRefused(Exception):
    """The function itself answered with an error of the contract; `code` names it."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{answer.get('code')}: {answer.get('message')}")
        self.code = answer.get("code")
        self.answer = answer


@dataclass(frozen=True)
class Process:
    """One process of the sandbox; `kind` is what it does for us."""

    pid: int
    kind: str
    state: str
    rss: int
    descriptors: int


class Emulated:
    """One function behind the Runtime Interface Emulator, which dies of overlapping calls: they queue."""

    def __init__(self, address: tuple[str, int], timeout: float) -> None:
        self._address, self._timeout, self._turn = address, timeout, threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        raise NotImplementedError

    def invoke(self, event: object) -> Any:
        """Returns the function's answer; a client that gave up earlier would break the emulator."""
        with self._turn:
            connection = http.client.HTTPConnection(*self._address, timeout=self._timeout + 30)
            with contextlib.closing(connection):
                connection.request("POST", INVOKE, json.dumps(event), {"Content-Type": "application/json"})
                response = connection.getresponse()
                body = response.read()
        try:
            answer = json.loads(body)
        except ValueError:
            raise FunctionFailed(f"{response.status}: {body[:500]!r}") from None
        if response.status != 200 or (isinstance(answer, dict) and "errorType" in answer):
            raise FunctionFailed(f"{response.status}: {answer}")
        return answer

    def capture(self, **options: object) -> bytes:
        """Captures by direct invocation and returns the picture."""
        wanted = {"html_content": PAGE, "window_width": 400, "window_height": 300} | options
        answer = self.invoke({k: v for k, v in wanted.items() if v is not None})
        if answer.get("status") == "error":
            raise CaptureRefused(answer)
        return base64.b64decode(answer["file"], validate=True)

    def wait_until_listening(self, alive: Any) -> Self:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(self._address, timeout=1):
                return self
            if not alive():
                break
            time.sleep(0.05)
        self.close()
        raise AssertionError("the emulator did not start")


PAGE = """<!doctype html><meta charset=utf-8>
<body style="margin:0;background:linear-gradient(90deg,#f80,#08f)">
<h1 style="font:40px 'Liberation Sans';margin:20px">Stillframe 写真 📷</h1>"""


class OnHost(Emulated):
    """The function in this machine's Python and Chromium, with a /tmp and an environment of its own."""

    def __init__(
        self,
        rie: Path,
        python: Path,
        root: Path,
        tmp: Path,
        handler: str,
        env: Mapping[str, str],
        timeout: int = 60,
    ) -> None:
        ports = [free_port(), free_port()]
        super().__init__(("127.0.0.1", ports[0]), timeout)
        command = [
            str(rie),
            "--log-level",
            "error",
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{ports[0]}",
            "--runtime-api-address",
            f"127.0.0.1:{ports[1]}",
            str(python),
            "-m",
            "awslambdaric",
            handler,
        ]
        self.tmp = tmp
        self._log = (tmp / "function.log").open("wb")
        self._process = subprocess.Popen(
            command,
            cwd=root,
            env=_lambda_env(timeout, 2048)
            | {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{root / 'layers/stillframe/python'}:{root}",
                "LAMBDA_TASK_ROOT": str(root),
                "HOME": str(tmp),
                "TMPDIR": str(tmp),
                **env,
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.wait_until_listening(lambda: self._process.poll() is None)

    def log(self) -> str:
        return (self.tmp / "function.log").read_text(errors="replace")

    def processes(self) -> list[Process]:
        listed = subprocess.run(
            ["python3", "-c", PROBE, "list"], capture_output=True, check=True, text=True
        ).stdout
        family = _descendants(self._process.pid)
        return [one for one in _parse(listed) if one.pid in family]

    def close(self) -> None:
        family = _descendants(self._process.pid)
        for pid in [self._process.pid, *family]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()


class Confined(Emulated):
    """The shipped image under Lambda's restrictions; `docs/decisions/0013` says what is still missing."""

    def __init__(
        self,
        engine: str,
        rie: Path,
        image: str,
        handler: str,
        env: Mapping[str, str],
        *,
        memory: int = 2048,
        timeout: int = 60,
        mounts: Mapping[Path, str] | None = None,
        init: bool = True,
        cpus: float = 1.2,
        extra: Sequence[str] = (),
    ) -> None:
        self._engine = engine
        settings = _lambda_env(timeout, memory) | dict(env)
        volumes = {rie: "/usr/local/bin/aws-lambda-rie"} | dict(mounts or {})
        self.name = self._run(
            "run",
            "--detach",
            *(["--init"] if init else []),
            "--publish",
            "127.0.0.1::8080",
            "--read-only",
            "--tmpfs",
            "/tmp:rw,exec,size=512m,mode=1777",
            "--ipc",
            "none",
            *(["--read-only-tmpfs=false"] if engine == "podman" else []),
            "--user",
            UID,
            "--cap-drop",
            "all",
            "--security-opt",
            "no-new-privileges",
            "--pids-limit",
            "1024",
            "--memory",
            f"{memory}m",
            "--memory-swap",
            f"{memory}m",
            "--cpus",
            f"{cpus:.3f}",
            *(part for path, inside in volumes.items() for part in ("--volume", f"{path}:{inside}:ro")),
            *(part for pair in settings.items() for part in ("--env", "=".join(pair))),
            *extra,
            image,
            handler,
        ).strip()
        port = self._run("port", self.name, "8080/tcp").split()[0].rsplit(":", 1)[1]
        super().__init__(("127.0.0.1", int(port)), timeout)
        self.wait_until_listening(lambda: True)

    def _run(self, *arguments: str, text: str | None = None) -> str:
        done = subprocess.run(
            [self._engine, *arguments], input=text, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise AssertionError(f"{self._engine} {' '.join(arguments[:2])}: {done.stderr.strip()}")
        return done.stdout

    def run(self, *command: str) -> str:
        """Runs a command inside, as the function's own user."""
        return self._run("exec", "--user", UID, self.name, *command)

    def start(self, *command: str) -> None:
        self._run("exec", "--detach", "--user", UID, self.name, *command)

    def log(self) -> str:
        done = subprocess.run([self._engine, "logs", self.name], capture_output=True, text=True)
        return done.stdout + done.stderr

    def processes(self) -> list[Process]:
        return _parse(self.run("python", "-c", PROBE, "list"))

    def signal(self, kind: str, number: signal.Signals) -> int:
        """Signals every process of a kind (`all`: everything but the emulator); returns how many."""
        return int(self.run("python", "-c", PROBE, kind, str(int(number))))

    def pause(self) -> None:
        self._run("pause", self.name)

    def unpause(self) -> None:
        self._run("unpause", self.name)

    def out_of_memory_kills(self) -> bool:
        return "true" in self._run("inspect", "--format", "{{.State.OOMKilled}}", self.name)

    def close(self) -> None:
        subprocess.run([self._engine, "rm", "--force", "--time", "0", self.name], capture_output=True)


# Runs inside the sandbox, where nothing but Python can be counted on.
PROBE = """
import os, sys
def kind(line):
    if "awslambdaric" in line: return "emulator" if "aws-lambda-rie" in line else "runtime"
    if "run-driver" in line: return "driver"
    if "chrom" not in line.split(" ")[0]: return "other"
    if "--type=renderer" in line: return "renderer"
    if "--type=gpu-process" in line: return "gpu"
    if "network.mojom" in line: return "network"
    if "--type=" in line: return "helper"
    return "browser"
count = 0
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        line = open(f"/proc/{pid}/cmdline").read().replace(chr(0), " ").strip()
        name, _, rest = open(f"/proc/{pid}/stat").read().rpartition(")")
        state, rss = rest.split()[0], int(rest.split()[21]) * os.sysconf("SC_PAGE_SIZE")
        what = "zombie" if state == "Z" else kind(line) if line else "kernel"
        try: files = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError: files = 0
    except OSError:
        continue
    if int(pid) == os.getpid(): continue
    if sys.argv[1] == "list":
        print(pid, what, state, rss, files)
    elif what == sys.argv[1] or sys.argv[1] == "all" and what not in ("emulator", "other", "zombie"):
        os.kill(int(pid), int(sys.argv[2])); count += 1
if sys.argv[1] != "list": print(count)
"""


def _parse(listing: str) -> list[Process]:
    rows = (line.split() for line in listing.splitlines())
    return [Process(int(pid), kind, state, int(rss), int(files)) for pid, kind, state, rss, files in rows]


def _lambda_env(timeout: int, memory: int) -> dict[str, str]:
    """Variables that Lambda sets and the emulator does not, and the two figures that it obeys or reports."""
    return {
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_NAME": "stillframe",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EXECUTION_ENV": "AWS_Lambda_Image",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _descendants(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family - {root})
