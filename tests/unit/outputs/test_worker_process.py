"""The process in which long conversions run: its result, its environment, and its end."""

from __future__ import annotations

import ast
import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stillframe.deadline import Deadline
from stillframe.errors import DeadlineExceeded
from stillframe.outputs import conversions, worker_process
from stillframe.outputs.conversions import picture

from .images import image_bytes

WAITS = "import time; time.sleep(600)"


class Started:
    """Remembers every process that was started, and its environment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environments: list[Any] = []
        start = subprocess.Popen

        def popen(*args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
            self.environments.append(kwargs["env"])
            self.processes.append(start(*args, **kwargs))
            return self.processes[-1]

        monkeypatch.setattr(worker_process.subprocess, "Popen", popen)

    def states(self) -> list[int | None]:
        return [process.poll() for process in self.processes]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    return Started(monkeypatch)


def encode(width: int) -> bytes:
    return worker_process.run(
        "encode_image",
        image_bytes("png", (20, 10)),
        module=picture,
        format="webp",
        quality=50,
        size=[width, 10],
        fit="fill",
        position="center",
    )


def test_the_process_has_an_empty_environment_and_ends(started: Started) -> None:
    assert encode(40).startswith(b"RIFF")
    assert started.environments == [{}]
    assert started.states() == [0]


def test_a_process_is_killed_at_the_deadline(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_PROGRAM", WAITS)
    with worker_process.ending_with(Deadline.after(0.2)), pytest.raises(DeadlineExceeded):
        encode(40)
    assert started.states() == [-9]


def test_processes_of_other_threads_end_with_the_block(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the pipeline, whose caller stops to wait for the thread."""
    monkeypatch.setattr(worker_process, "_PROGRAM", WAITS)

    async def work() -> asyncio.Task[bytes]:
        with worker_process.ending_with(Deadline.after(20)):
            thread = asyncio.create_task(asyncio.to_thread(encode, 40))
            while not started.processes:
                await asyncio.sleep(0.01)
            assert started.states() == [None]
        with pytest.raises(worker_process.WorkerFailed):
            await thread
        return thread

    asyncio.run(work())
    assert started.states() == [-9]


def test_a_process_that_starts_after_the_end_of_its_block_is_killed(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "_PROGRAM", WAITS)
    processes = worker_process._Processes(Deadline.after(20))
    processes.end()
    token = worker_process._processes.set(processes)
    try:
        with pytest.raises(worker_process.WorkerFailed):
            encode(40)
    finally:
        worker_process._processes.reset(token)
    assert started.states() == [-9]


def test_a_process_cannot_take_more_than_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_MEMORY_BYTES", 200_000_000)
    assert encode(1000)
    with pytest.raises(worker_process.WorkerFailed):
        encode(10_000_000)


FOLDER = Path(str(conversions.__file__)).parent


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_conversion_imports_nothing_of_the_package_but_other_conversions(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(node.level <= 1 for node in imports)
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not any(name.startswith("stillframe") for name in names | {str(node.module) for node in imports})
