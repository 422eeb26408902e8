"""The preloaded driver: it is adopted once, by whoever starts its command, or killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable

from stillframe.browser import driver_preload
from stillframe.browser.event_loop import ConfiningEventLoop

_ECHO = (sys.executable, "-c", "import sys; print('ready', flush=True); print(sys.stdin.readline(), end='')")

# Counts what Playwright's start runs, in an interpreter that has not imported it yet.
_COUNT = """
import asyncio
from stillframe.browser import driver_preload
from stillframe.browser.event_loop import ConfiningEventLoop
asked, run = [], []
ours, base = ConfiningEventLoop.subprocess_exec, asyncio.SelectorEventLoop.subprocess_exec
async def ask(self, factory, *args, **kwargs):
    variables = {k: v for k, v in kwargs["env"].items() if k.startswith("PW_")}
    asked.append((args, variables, [kwargs.get(k, -1) for k in ("stdin", "stdout")], kwargs.get("cwd")))
    return await ours(self, factory, *args, **kwargs)
async def start(self, factory, *args, **kwargs):
    run.append(args)
    return await base(self, factory, *args, **kwargs)
ConfiningEventLoop.subprocess_exec, asyncio.SelectorEventLoop.subprocess_exec = ask, start
async def main():
    async with driver_preload.driver():
        from playwright.async_api import async_playwright
        playwright = await async_playwright().start()
    print(len(asked), len(run), asked[0] == asked[-1], type(playwright).__name__)
    await playwright.stop()
loop = ConfiningEventLoop()
loop.run_until_complete(main())
"""


def on_our_loop(work: Callable[[], Awaitable[None]]) -> None:
    loop = ConfiningEventLoop()
    try:
        loop.run_until_complete(asyncio.wait_for(work(), 20))
    finally:
        loop.close()


async def early_echo() -> driver_preload.PreloadedProcess:
    child = driver_preload.PreloadedProcess(_ECHO)
    await asyncio.get_running_loop().subprocess_exec(lambda: child, *_ECHO, stderr=None)
    driver_preload.waiting.set(child)
    return child


def test_playwright_takes_the_driver_that_runs_already() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT], capture_output=True, text=True, timeout=60, env=dict(os.environ)
    )
    assert done.stdout.split() == ["2", "1", "True", "Playwright"], done.stderr


def test_what_it_said_before_is_heard_and_what_it_says_after() -> None:
    async def work() -> None:
        child = await early_echo()
        while not child.output:
            await asyncio.sleep(0.01)
        process = await asyncio.create_subprocess_exec(*_ECHO, stdin=-1, stdout=-1)
        assert child.transport is None
        said, _ = await process.communicate(b"heard\n")
        assert said.split() == [b"ready", b"heard"]

    on_our_loop(work)


def test_another_command_gets_a_process_of_its_own_and_the_early_one_is_ended() -> None:
    async def work() -> None:
        child = await early_echo()
        assert child.transport is not None
        pid = child.transport.get_pid()
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print('other')", stdout=-1)
        said, _ = await process.communicate()
        assert said.split() == [b"other"]
        assert process.pid != pid
        transport = child.transport
        child.kill()
        await child.exited.wait()
        assert transport.get_returncode() == -9

    on_our_loop(work)


def test_one_that_died_is_not_handed_over() -> None:
    async def work() -> None:
        child = await early_echo()
        assert child.transport is not None
        child.transport.kill()
        await child.exited.wait()
        process = await asyncio.create_subprocess_exec(*_ECHO, stdin=-1, stdout=-1)
        said, _ = await process.communicate(b"new\n")
        assert said.split() == [b"ready", b"new"]
        child.kill()

    on_our_loop(work)


def test_a_process_that_has_ended_is_not_adopted_before_the_loop_knows() -> None:
    async def adopted() -> object:
        child = driver_preload.PreloadedProcess(("dies",))
        await asyncio.get_running_loop().subprocess_exec(lambda: child, "true")
        assert child.transport is not None
        pid = child.transport.get_pid()
        with contextlib.suppress(ChildProcessError):
            # The loop does not run meanwhile, as beside a long import.
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        try:
            return child.adopt_into(("dies",), asyncio.SubprocessProtocol)
        finally:
            child.kill()

    assert asyncio.run(adopted()) is None
