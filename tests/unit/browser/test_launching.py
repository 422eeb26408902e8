"""Launch profiles, and when a running browser is replaced; fakes in place of browsers."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from stillframe.api.app import create_app
from stillframe.api.routes import meta
from stillframe.browser import cleanup, driver_preload, environment, processes, supervisor
from stillframe.browser import launch as launching
from stillframe.browser.launch import LAUNCH_PROFILES, launch
from stillframe.browser.runtime import Runtime
from stillframe.errors import BrowserUnavailable
from stillframe.settings import Settings

PROXY_PORT = 8888


class Driver:
    """In place of Playwright's driver: starts what the test allows, and knows whether it was stopped."""

    def __init__(self, confined: bool, starts: Callable[[bool, list[str]], Exception | None]) -> None:
        self.confined, self.stopped, self._starts = confined, False, starts
        self.chromium = SimpleNamespace(launch=self._launch)

    async def _launch(self, **options: Any) -> Any:
        if error := self._starts(self.confined, options["args"]):
            raise error
        return SimpleNamespace(version="156.0", is_connected=lambda: True, close=self.stop)

    async def stop(self) -> None:
        self.stopped = True


class ProfileLauncher:
    """A list of launch profiles, some of which fail; every attempt is kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
        self.broken: dict[str, Exception] = {}
        self.tried: list[str] = []
        self.drivers: list[Driver] = []
        self.directory = directory
        monkeypatch.setattr(launching, "_remembered", [])
        monkeypatch.setattr(launching, "find_chromium", lambda _: "chromium")
        monkeypatch.setattr(launching._Attempt, "driver", lambda attempt: self._driver(attempt))
        monkeypatch.setattr(driver_preload, "is_early", lambda: False)
        monkeypatch.setattr(launching, "version_of", lambda _: "156.0.1.2")
        monkeypatch.setattr(cleanup, "new_directory", self._new_directory)
        monkeypatch.setattr(processes, "using", lambda _: [])

    def _new_directory(self) -> Path:
        self.directory.mkdir()
        return self.directory

    async def _driver(self, attempt: Any) -> Any:
        self.drivers.append(Driver(attempt.profile == "confined", self._starts))
        return self.drivers[-1]

    def _starts(self, confined: bool, args: list[str]) -> Exception | None:
        launch_profile = (
            "confined" if confined else "in_process_gpu" if "--in-process-gpu" in args else "plain"
        )
        self.tried.append(launch_profile)
        return self.broken.get(launch_profile)


@pytest.fixture
def launcher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ProfileLauncher:
    return ProfileLauncher(monkeypatch, tmp_path / "browser")


REFUSED = RuntimeError("the kernel says no\nand a long log")


@pytest.mark.parametrize("steps", range(len(LAUNCH_PROFILES)))
def test_the_first_profile_that_works_is_taken_and_remembered(launcher: ProfileLauncher, steps: int) -> None:
    names = list(LAUNCH_PROFILES)
    launcher.broken = dict.fromkeys(names[:steps], REFUSED)
    instance = asyncio.run(launch(Settings(), lambda: PROXY_PORT))
    assert instance.launch_profile == names[steps]
    assert launcher.tried == names[: steps + 1]
    assert [d.stopped for d in launcher.drivers] == [True] * steps + [False]
    cleanup.remove(launcher.directory)
    assert asyncio.run(launch(Settings(), lambda: PROXY_PORT)).launch_profile == names[steps]
    assert launcher.tried == [*names[: steps + 1], names[steps]]


def test_a_remembered_profile_that_breaks_is_forgotten(launcher: ProfileLauncher) -> None:
    asyncio.run(launch(Settings(), lambda: PROXY_PORT))
    cleanup.remove(launcher.directory)
    launcher.broken = {"confined": REFUSED}
    with pytest.raises(BrowserUnavailable, match="confined: the kernel says no"):
        asyncio.run(launch(Settings(), lambda: PROXY_PORT))
    assert asyncio.run(launch(Settings(), lambda: PROXY_PORT)).launch_profile == "plain"


@pytest.mark.parametrize(
    ("error", "reason"), [(REFUSED, "the kernel says no"), (TimeoutError(), "TimeoutError")]
)
def test_when_no_profile_works_every_reason_is_named_and_nothing_is_left(
    launcher: ProfileLauncher, error: Exception, reason: str
) -> None:
    launcher.broken = dict.fromkeys(LAUNCH_PROFILES, error)
    with pytest.raises(BrowserUnavailable) as caught:
        asyncio.run(launch(Settings(), lambda: PROXY_PORT))
    assert all(f"{launch_profile}: {reason}" in caught.value.message for launch_profile in LAUNCH_PROFILES)
    assert "long log" not in caught.value.message
    assert caught.value.retryable
    assert all(d.stopped for d in launcher.drivers)
    assert not launcher.directory.exists()


def test_health_says_which_profile_works(
    launcher: ProfileLauncher, owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher.broken = {"confined": REFUSED}
    owned.launch = lambda: launch(Settings(), lambda: PROXY_PORT)
    monkeypatch.setattr(meta, "runtime", owned.runtime)

    async def ask() -> Any:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(local=True)), base_url="http://localhost"
        ) as client:
            before = (await client.get("/health")).json()
            await owned.runtime.supervisor.ensure()
            return before["launch_profile"], (await client.get("/health")).json()

    before, after = asyncio.run(ask())
    assert before is None
    assert (after["launch_profile"], after["browser"], after["launches"]) == ("plain", "156.0", 1)


# When a browser is replaced


DRIVER = 2


class BrowserInstance:
    """In place of a browser: answers, or does not."""

    def __init__(self) -> None:
        self.captures, self.used_at, self.closed, self.pings = 0, time.monotonic(), False, 0
        self.output_bytes = 0
        self.alive, self.broken, self.memory_killed, self.pids = True, False, False, [1]
        self.driver_pids, self.shared_when_killed = [DRIVER], False
        self.version, self.launch_profile = "156.0", "plain"
        self.answer: Exception | None = None

    async def ping(self) -> str:
        self.pings += 1
        if self.answer is not None:
            raise self.answer
        return "Chrome/156.0"

    async def close(self) -> None:
        self.closed = True


class Owned:
    """A runtime of three slots whose browsers, memory and room are the test's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.memory, self.driver_memory, self.looked, self.short = 0, 0, 0, False
        self.fails: list[BrowserUnavailable] = []
        self.launch: Callable[[], Any] | None = None
        guard: Any = SimpleNamespace(open_listener=lambda **_: SimpleNamespace(port=PROXY_PORT))
        self.runtime = Runtime(
            Settings(workers=3, max_requests=50, memory_limit_mb=1000), guard, self._launch
        )
        monkeypatch.setattr(supervisor, "Watchdog", lambda *_: None)
        monkeypatch.setattr(environment, "forbid_memory_access", lambda: None)
        for name in ("become_subreaper", "remove_leftovers", "reap_children"):
            monkeypatch.setattr(cleanup, name, lambda *_: None)
        monkeypatch.setattr(cleanup, "is_disk_nearly_full", lambda: self.short)
        monkeypatch.setattr(processes, "tree", lambda root: [root])
        monkeypatch.setattr(processes, "private_bytes", self._private_bytes)

    async def _launch(self, *_: Any) -> Any:
        if self.launch is not None:
            return await self.launch()
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop()
        return BrowserInstance()

    def _private_bytes(self, pids: list[int]) -> int:
        if pids == [DRIVER]:
            return self.driver_memory
        self.looked += 1
        return 0 if pids == [os.getpid()] else self.memory


@pytest.fixture
def owned(monkeypatch: pytest.MonkeyPatch) -> Owned:
    return Owned(monkeypatch)


def replaced(owned: Owned, age: Callable[[Any], object]) -> bool:
    """Whether a capture gets a new browser instead of the aged one."""

    async def capture() -> bool:
        first: Any = await owned.runtime.supervisor.ensure()
        age(first)
        slot = await owned.runtime.acquire_slot()
        second = await owned.runtime.supervisor.ensure()
        owned.runtime.release_slot(slot)
        assert first.closed is (second is not first)
        return first.closed

    return asyncio.run(capture())


def counted(captures: int) -> Callable[[Any], object]:
    return lambda instance: setattr(instance, "captures", captures)


@pytest.mark.parametrize(("captures", "expected"), [(49, False), (50, True), (51, True)])
def test_a_browser_that_served_its_captures_is_replaced(owned: Owned, captures: int, expected: bool) -> None:
    assert replaced(owned, counted(captures)) is expected


@pytest.mark.parametrize(
    ("megabytes", "captures", "expected"),
    [(801, 9, True), (800, 9, False), (801, 19, True), (801, 8, False), (801, 10, False)],
)
def test_a_browser_that_keeps_too_much_memory_is_replaced(
    owned: Owned, megabytes: int, captures: int, expected: bool
) -> None:
    """Looked at every tenth time only, because looking costs a millisecond or two."""
    owned.memory = megabytes * 1_000_000
    assert replaced(owned, counted(captures)) is expected
    assert bool(owned.looked) is (captures % 10 == 9)


@pytest.mark.parametrize(("megabytes", "expected"), [(130, False), (131, True)])
def test_a_driver_that_keeps_much_memory_is_replaced_with_its_browser(
    owned: Owned, megabytes: int, expected: bool
) -> None:
    owned.driver_memory = megabytes * 1_000_000
    assert replaced(owned, counted(1)) is expected


@pytest.mark.parametrize(("megabytes", "expected"), [(210, False), (211, True)])
def test_a_large_result_of_the_service_is_no_reason_to_replace_its_driver(
    owned: Owned, megabytes: int, expected: bool
) -> None:
    owned.driver_memory = megabytes * 1_000_000
    assert replaced(owned, lambda instance: setattr(instance, "output_bytes", 10_000_000)) is expected


@pytest.mark.parametrize(("megabytes", "output"), [(105, 682_537), (119, 991_837), (133, 2_530_682)])
def test_a_driver_is_kept_whose_memory_has_risen_to_where_it_stays(
    owned: Owned, megabytes: int, output: int
) -> None:
    """What a driver had after 10 to 20 captures of one page, and no more after 40."""
    owned.driver_memory = megabytes * 1_000_000
    assert not replaced(owned, lambda instance: setattr(instance, "output_bytes", output))


@pytest.mark.parametrize(("megabytes", "killed"), [(95, [1]), (96, [1, DRIVER])])
def test_the_memory_limit_kills_the_browser_and_a_driver_that_has_grown(
    owned: Owned, monkeypatch: pytest.MonkeyPatch, megabytes: int, killed: list[int]
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(processes, "kill_groups", ended.extend)
    owned.driver_memory = megabytes * 1_000_000

    async def capture() -> Any:
        instance = await owned.runtime.supervisor.ensure()
        owned.runtime.supervisor._kill_for_memory()
        return instance

    instance = asyncio.run(capture())
    assert instance.memory_killed
    assert ended == killed


def test_a_browser_that_fills_the_disk_is_replaced(owned: Owned) -> None:
    assert replaced(owned, lambda _: setattr(owned, "short", True))


def test_steady_work_does_not_keep_a_browser_that_is_to_be_replaced(owned: Owned) -> None:
    """A capture that finds a browser due for replacement waits until it is idle, as do later captures.

    No running capture loses its browser.
    """
    owned.runtime._config = Settings(workers=2, max_requests=4, queue_size=50)
    running: list[Any] = []

    async def capture(number: int) -> None:
        slot = await owned.runtime.acquire_slot()
        instance: Any = await owned.runtime.supervisor.ensure()
        instance.captures += 1
        running.append(instance)
        for _ in range(3 + number % 3):  # never two that end together
            await asyncio.sleep(0)
            assert not instance.closed
        running.remove(instance)
        owned.runtime.release_slot(slot)

    async def work() -> None:
        async with asyncio.timeout(10):
            await asyncio.gather(*(capture(n) for n in range(20)))

    asyncio.run(work())
    assert owned.runtime.supervisor.launches == 5


def test_who_gives_up_waiting_for_every_slot_keeps_none(owned: Owned) -> None:
    async def work() -> None:
        runtime = owned.runtime
        first = await runtime.acquire_slot()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await runtime.acquire_slot(exclusive=True)
        second = await runtime.acquire_slot()
        runtime.release_slot(first)
        runtime.release_slot(second)
        lone = await runtime.acquire_slot(exclusive=True)
        waiting = asyncio.create_task(runtime.acquire_slot())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not waiting.done()
        runtime.release_slot(lone)
        await waiting

    asyncio.run(work())


def dead(instance: Any) -> None:
    instance.alive = False


def frozen(instance: Any) -> None:
    instance.used_at, instance.answer = time.monotonic() - 60, RuntimeError("no answer")


@pytest.mark.parametrize("age", [dead, frozen])
def test_a_browser_that_does_not_answer_is_replaced(owned: Owned, age: Callable[[Any], None]) -> None:
    assert replaced(owned, age)


def test_only_a_browser_that_rested_is_asked(owned: Owned) -> None:
    async def captures() -> list[int]:
        instance: Any = await owned.runtime.supervisor.ensure()
        asked = []
        for rest in (0, 60, 0):
            instance.used_at -= rest
            assert await owned.runtime.supervisor.ensure() is instance
            asked.append(instance.pings)
        return asked

    assert asyncio.run(captures()) == [0, 1, 1]


def test_a_look_at_the_service_never_takes_the_browser_from_a_capture(owned: Owned) -> None:
    """A probe takes no turn, so it does not judge whether the browser is worn."""

    async def probed() -> bool:
        instance: Any = await owned.runtime.supervisor.ensure()
        instance.captures, owned.memory = 59, 900_000_000
        await owned.runtime.supervisor.probe()
        return bool(instance.closed)

    assert asyncio.run(probed()) is False


def test_callers_at_the_same_time_share_one_launch(owned: Owned) -> None:
    async def together() -> int:
        found = await asyncio.gather(*(owned.runtime.supervisor.ensure() for _ in range(5)))
        return len({id(instance) for instance in found})

    assert asyncio.run(together()) == 1
    assert owned.runtime.supervisor.launches == 1


def test_a_launch_that_nobody_waits_for_any_more_becomes_the_next_ones_browser(
    owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = asyncio.Event()

    async def slow(*_: Any) -> Any:
        await ready.wait()
        return BrowserInstance()

    async def cut() -> None:
        owned.launch = slow
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await owned.runtime.supervisor.ensure()
        ready.set()
        await owned.runtime.supervisor.ensure()
        assert owned.runtime.supervisor.launches == 1

    asyncio.run(cut())


def test_two_launches_that_fail_end_a_lambda_environment_and_nothing_else(
    owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        raise Ended

    async def fail(times: int) -> None:
        owned.fails = [BrowserUnavailable("x") for _ in range(times)]
        for _ in range(times):
            with pytest.raises(BrowserUnavailable):
                await owned.runtime.supervisor.ensure()

    monkeypatch.setattr(os, "_exit", end)
    asyncio.run(fail(3))
    asyncio.run(owned.runtime.supervisor.ensure())
    asyncio.run(owned.runtime.supervisor.discard(owned.runtime.instance))  # type: ignore[arg-type]
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    asyncio.run(fail(1))
    owned.fails = [BrowserUnavailable("x")]
    with pytest.raises(Ended):
        asyncio.run(owned.runtime.supervisor.ensure())


def test_a_launch_that_fails_leaves_the_interpreter_as_it_was(owned: Owned) -> None:
    """While the browser starts, garbage is not collected and threads take short turns."""
    during: list[tuple[bool, float]] = []
    turn = sys.getswitchinterval()

    async def fail() -> None:
        during.append((gc.isenabled(), sys.getswitchinterval()))
        raise BrowserUnavailable("none")

    owned.launch = fail
    launching.imported.clear()
    owned.runtime.warm()
    warming = owned.runtime._warming
    assert warming is not None
    warming.result(10)
    gc.unfreeze()
    assert during == [(False, pytest.approx(0.0005))]
    assert (gc.isenabled(), sys.getswitchinterval()) == (True, turn)
    # Otherwise the function would wait in vain before its imports.
    assert launching.imported.is_set()
