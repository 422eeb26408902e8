"""The driver's snapshot: Playwright starts from it, and an ordinary driver starts where none fits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stillframe.browser import driver_snapshot
from stillframe.browser.browser_preload import HOOK

# What Playwright's start runs, and the name of a browser type that it then knows.
_START = """
import asyncio
from stillframe.browser import driver_preload
from stillframe.browser.event_loop import ConfiningEventLoop
run = []
base = asyncio.SelectorEventLoop.subprocess_exec
async def start(self, factory, *args, **kwargs):
    run.append("--snapshot-blob" in args)
    return await base(self, factory, *args, **kwargs)
asyncio.SelectorEventLoop.subprocess_exec = start
async def main():
    async with driver_preload.driver():
        await asyncio.sleep(WAIT)
        from playwright.async_api import async_playwright
        playwright = await async_playwright().start()
    print(*run, playwright.chromium.name)
    await playwright.stop()
ConfiningEventLoop().run_until_complete(main())
"""
# A snapshot that cannot be read ends Node at once.
_DIES_WITHIN = "1"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("driver") / "driver.blob"
    driver_snapshot.build(file)
    return file


def start(snapshot: Path, wait: str = "0") -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _START.replace("WAIT", wait)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, driver_snapshot.VARIABLE: str(snapshot)},
    )
    return done.stdout.split() or [done.stderr]


def driver() -> tuple[str, str]:
    from playwright._impl._driver import compute_driver_executable

    node, script = compute_driver_executable()
    return str(node), str(script)


def copy(snapshot: Path, into: Path, blob: bytes | None = None) -> Path:
    file = into / "driver.blob"
    file.write_bytes(snapshot.read_bytes() if blob is None else blob)
    (into / "driver.blob.json").write_bytes(Path(f"{snapshot}.json").read_bytes())
    return file


def test_playwright_starts_from_the_snapshot(snapshot: Path) -> None:
    assert start(snapshot) == ["True", "chromium"]


def test_a_snapshot_that_node_refuses_gives_an_ordinary_driver(snapshot: Path, tmp_path: Path) -> None:
    assert start(copy(snapshot, tmp_path, bytes(snapshot.stat().st_size)), _DIES_WITHIN) == [
        "True",
        "False",
        "chromium",
    ]


@pytest.mark.parametrize("change", range(6))
def test_a_snapshot_of_another_driver_or_machine_is_not_tried(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: int
) -> None:
    file = copy(snapshot, tmp_path)
    monkeypatch.setenv(driver_snapshot.VARIABLE, str(file))
    assert driver_snapshot.command(*driver(), None) is not None
    origin = json.loads(Path(f"{file}.json").read_text())
    origin[change] = "another"
    Path(f"{file}.json").write_text(json.dumps(origin))
    assert driver_snapshot.command(*driver(), None) is None


def test_a_snapshot_that_was_cut_is_not_tried(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = copy(snapshot, tmp_path, snapshot.read_bytes()[:-1])
    monkeypatch.setenv(driver_snapshot.VARIABLE, str(file))
    assert driver_snapshot.command(*driver(), None) is None


@pytest.mark.parametrize("description", [None, "", "{"])
def test_a_snapshot_without_its_description_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, description: str | None
) -> None:
    file = tmp_path / "driver.blob"
    if description is not None:
        Path(f"{file}.json").write_text(description)
    monkeypatch.setenv(driver_snapshot.VARIABLE, str(file))
    assert driver_snapshot.command(*driver(), None) is None


def test_without_the_variable_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(driver_snapshot.VARIABLE, raising=False)
    assert driver_snapshot.command(*driver(), None) is None


# Reads what a driver could have kept of the process that built the snapshot.
_LOOK = """
const seen = [process.env.MARK, process.cwd(), require('os').tmpdir(), Math.random(), typeof Response,
  require('crypto').randomBytes(8).toString('hex'), typeof require('node:child_process').spawn];
console.log(JSON.stringify(seen));
process.exit();
"""


def test_the_process_has_its_own_environment_and_chance(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = tmp_path / "look.cjs"
    hook.write_text(_LOOK)
    monkeypatch.setenv(driver_snapshot.VARIABLE, str(snapshot))
    command = driver_snapshot.command(*driver(), hook)
    assert command is not None

    def look() -> list[object]:
        environ = {"MARK": "of this process", "TMPDIR": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environ, timeout=60)
        return list(json.loads(done.stdout))

    first, second = look(), look()
    assert first[:3] == ["of this process", str(tmp_path), str(tmp_path)]
    assert (first[4], first[6]) == ("function", "function")
    assert first[3] != second[3]
    assert first[5] != second[5]


def test_the_hook_gives_the_driver_its_browser(snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook replaces `spawn` of the module that the driver's code reads it from."""
    monkeypatch.setenv(driver_snapshot.VARIABLE, str(snapshot))
    command = driver_snapshot.command(*driver(), HOOK)
    assert command is not None
    assert command[-2:] == ("run-driver", str(HOOK))
