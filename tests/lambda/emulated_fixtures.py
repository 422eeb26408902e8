"""Brings up what these stages need, once: emulator, engine, image; in CI fails where one is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from emulated import Confined, OnHost, use_engine

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests/lambda"
IMAGE = os.environ.get("STILLFRAME_IMAGE", "stillframe")


def _script(name: str, **env: str) -> str:
    """Runs a shell script of this folder; 3 means that this machine cannot, which CI never accepts."""
    done = subprocess.run(["sh", str(SCRIPTS / name)], capture_output=True, text=True, env=os.environ | env)
    if done.returncode == 3 and not os.environ.get("CI"):
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, f"{name}: {done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def rie() -> Path:
    """The Runtime Interface Emulator."""
    return Path(_script("tools.sh", PYTHON=sys.executable).strip().splitlines()[-1])


@pytest.fixture(scope="session")
def engine() -> str:
    """The name of the container engine, with the environment set that its client needs."""
    return use_engine(_script("engine.sh"))


@pytest.fixture(scope="session")
def image(engine: str) -> str:
    """The shipped image, built now; unchanged layers come from the engine's cache."""
    _script("image.sh", STILLFRAME_IMAGE=IMAGE)
    return IMAGE


@pytest.fixture
def on_host(rie: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., OnHost]]:
    """Starts functions on the host; each ends with its test."""
    running: list[OnHost] = []

    def start(handler: str, *, timeout: int = 60, **env: str) -> OnHost:
        tmp = tmp_path_factory.mktemp("sandbox")
        running.append(OnHost(rie, Path(sys.executable), ROOT, tmp, handler, env, timeout))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def confined(engine: str, rie: Path, image: str) -> Iterator[Callable[..., Confined]]:
    """Starts functions in the confined image; each ends with its test, whose failure shows their logs."""
    running: list[Confined] = []

    def start(
        handler: str = "functions.direct_invoke.handler.handler",
        *,
        memory: int = 2048,
        timeout: int = 60,
        mounts: dict[Path, str] | None = None,
        init: bool = True,
        **env: str,
    ) -> Confined:
        sandbox: dict[str, Any] = {"memory": memory, "timeout": timeout, "mounts": mounts, "init": init}
        running.append(Confined(engine, rie, image, handler, env, **sandbox))
        return running[-1]

    yield start
    for one in running:
        print(one.log()[-4000:])
        one.close()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "image: needs a container engine; `make test-image` runs it")
    config.addinivalue_line("markers", "sam: needs SAM CLI and a container engine; `make test-sam` runs it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs an engine, and gives it the time that building and thawing take."""
    for item in items:
        if item.path.parent.name not in ("lambda", "faults"):
            continue
        item.add_marker(pytest.mark.timeout(600))
        needed = getattr(item, "fixturenames", ())
        if "sam" in needed:
            item.add_marker(pytest.mark.sam)
        elif "image" in needed:
            item.add_marker(pytest.mark.image)
