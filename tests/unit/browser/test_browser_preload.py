"""The browser that starts beside its driver: taken by exactly its command, once, or ended."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from stillframe.browser import browser_preload, processes
from stillframe.browser.browser_preload import HOOK, PreloadedBrowser
from stillframe.browser.event_loop import ConfiningEventLoop, own_children

# A browser that answers each command with its process id and the command.
_BROWSER = """
import os
commands = open(3, "rb", buffering=0)
while data := commands.read(1000):
    os.write(4, b"%d:%s" % (os.getpid(), data))
"""
# A driver that waits for a word, starts the command that it is told, sends a word and prints the answer.
_DRIVER = """
const { spawn } = require('child_process');
const [command, ...args] = JSON.parse(process.argv[2]);
require('fs').readSync(0, Buffer.alloc(1));
const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
child.stdio[4].on('data', (data) => { console.log(`${child.pid} ${data}`); child.stdio[3].end(); });
child.on('close', () => console.log('closed'));
child.stdio[3].write('hello');
"""


def on_our_loop(work: Callable[[], Awaitable[None]]) -> None:
    loop = ConfiningEventLoop()
    try:
        loop.run_until_complete(asyncio.wait_for(work(), 20))
    finally:
        loop.close()


def node() -> str:
    from playwright._impl._driver import compute_driver_executable

    return str(compute_driver_executable()[0])


async def drive(tmp_path: Path, early: PreloadedBrowser, started: list[str], asked: list[str]) -> list[str]:
    """What a driver prints that is told to start `asked`, while the browser `started` runs already."""
    script = tmp_path / "driver.js"
    script.write_text(_DRIVER)
    driver = await asyncio.create_subprocess_exec(
        node(),
        "--require",
        str(HOOK),
        str(script),
        json.dumps(asked),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]},
        pass_fds=early.descriptors,
    )
    await early.start((started[0], *started[1:]))
    said, _ = await driver.communicate(b"!")
    return said.decode().split("\n")[:-1]


BROWSER = [sys.executable, "-c", _BROWSER]


def test_the_driver_takes_the_browser_that_runs_already(tmp_path: Path) -> None:
    async def work() -> None:
        early = PreloadedBrowser(tmp_path)
        said = await drive(tmp_path, early, BROWSER, BROWSER)
        assert early.process is not None
        pid = early.process.get_pid()
        assert said == [f"{pid} {pid}:hello", "closed"]
        assert early.adopted
        assert early.pids == [pid]
        early.close()
        # The loop must hear of its end, or Python warns of a process that nobody waited for.
        while early.process.get_returncode() is None:
            await asyncio.sleep(0.01)

    on_our_loop(work)


@pytest.mark.parametrize("asked", [[*BROWSER, "--another-switch"], [sys.executable, "-u", "-c", _BROWSER]])
def test_another_command_starts_a_process_and_the_early_one_is_ended(
    tmp_path: Path, asked: list[str]
) -> None:
    async def work() -> None:
        early = PreloadedBrowser(tmp_path)
        said = await drive(tmp_path, early, BROWSER, asked)
        assert early.process is not None
        pid = early.process.get_pid()
        assert said[1:] == ["closed"]
        assert said[0].endswith(":hello")
        assert str(pid) not in said[0]
        assert not early.adopted
        assert early.pids == []
        await early.discard()
        assert not processes.is_running(pid)
        # The browser that the driver started instead is searched for; this id may be another process's soon.
        assert not early.adopted
        assert early.pids == []

    on_our_loop(work)


def test_a_browser_that_cannot_start_leaves_no_descriptor_open(tmp_path: Path) -> None:
    async def work() -> None:
        before = set(os.listdir("/proc/self/fd"))
        early = PreloadedBrowser(tmp_path)
        with pytest.raises(FileNotFoundError):
            await early.start((str(tmp_path / "nothing"),))
        await early.discard()
        assert not early.adopted
        assert set(os.listdir("/proc/self/fd")) == before

    on_our_loop(work)


def test_its_pipes_arrive_where_chromium_reads_them_whatever_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The descriptors of the pipes themselves are never 3 or 4, which the child's own would overwrite."""
    given: list[int] = []
    real = os.open
    monkeypatch.setattr(browser_preload.os, "open", lambda *a: given.append(real(*a)) or given[-1])
    early = PreloadedBrowser(tmp_path)
    try:
        assert given[-1] > 4
        assert min(*early.descriptors, early._reads, early._writes) > 4
    finally:
        asyncio.run(early.discard())


def test_the_loop_names_the_children_that_it_waits_for(tmp_path: Path) -> None:
    async def work() -> None:
        child: Any = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=-1)
        assert own_children() == {child.pid}
        child.stdin.close()
        await child.wait()
        assert own_children() == set()

    on_our_loop(work)


def test_a_driver_is_found_among_known_children_without_a_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        environ = {"TMPDIR": str(tmp_path)}
        child: Any = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "input()", stdin=-1, env=environ
        )
        other: Any = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=-1, env={})
        assert processes.children_using(tmp_path) == [child.pid]
        monkeypatch.setattr(processes, "_numbered", lambda: pytest.fail("every process was looked at"))
        assert processes.children_using(tmp_path, own_children()) == [child.pid]
        for process in (child, other):
            process.stdin.close()
            await process.wait()

    on_our_loop(work)
