"""How a browser is started where things are refused, and when a warm one is replaced: with actors, no browser."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from stillframe.api.app import create_app
from stillframe.api.routes import meta
from stillframe.browser import launch as launching
from stillframe.browser import processes, tidy
from stillframe.browser.launch import LADDER, launch
from stillframe.browser.runtime import Runtime
from stillframe.errors import BrowserUnavailable
from stillframe.settings import Settings

# The package itself has the one runtime under the name of its module.
owning = import_module("stillframe.browser.runtime")
PROXY = "http://127.0.0.1:8888"


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


class Stairs:
    """A ladder on which some rungs break; every attempt is kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
        self.broken: dict[str, Exception] = {}
        self.tried: list[str] = []
        self.drivers: list[Driver] = []
        self.directory = directory
        monkeypatch.setattr(launching, "_remembered", [])
        monkeypatch.setattr(launching, "find_chromium", lambda _: "chromium")
        monkeypatch.setattr(launching, "_driver", self._driver)
        monkeypatch.setattr(tidy, "new_directory", self._new_directory)
        monkeypatch.setattr(processes, "using", lambda _: [])

    def _new_directory(self) -> Path:
        self.directory.mkdir()
        return self.directory

    async def _driver(self, directory: Path, *, confined: bool) -> Any:
        self.drivers.append(Driver(confined, self._starts))
        return self.drivers[-1]

    def _starts(self, confined: bool, args: list[str]) -> Exception | None:
        rung = "confined" if confined else "in_process_gpu" if "--in-process-gpu" in args else "plain"
        self.tried.append(rung)
        return self.broken.get(rung)


@pytest.fixture
def stairs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stairs:
    return Stairs(monkeypatch, tmp_path / "browser")


REFUSED = RuntimeError("the kernel says no\nand a long log")


@pytest.mark.parametrize("steps", range(len(LADDER)))
def test_the_first_rung_that_holds_is_taken_and_remembered(stairs: Stairs, steps: int) -> None:
    names = list(LADDER)
    stairs.broken = dict.fromkeys(names[:steps], REFUSED)
    generation = asyncio.run(launch(Settings(), PROXY))
    assert generation.rung == names[steps]
    assert stairs.tried == names[: steps + 1]
    assert [d.stopped for d in stairs.drivers] == [True] * steps + [False]
    tidy.remove(stairs.directory)
    assert asyncio.run(launch(Settings(), PROXY)).rung == names[steps]
    assert stairs.tried == [*names[: steps + 1], names[steps]]


def test_a_remembered_rung_that_breaks_is_forgotten(stairs: Stairs) -> None:
    asyncio.run(launch(Settings(), PROXY))
    tidy.remove(stairs.directory)
    stairs.broken = {"confined": REFUSED}
    with pytest.raises(BrowserUnavailable, match="confined: the kernel says no"):
        asyncio.run(launch(Settings(), PROXY))
    assert asyncio.run(launch(Settings(), PROXY)).rung == "plain"


@pytest.mark.parametrize("error", [REFUSED, TimeoutError()], ids=["words", "none"])
def test_when_no_rung_holds_every_reason_is_named_and_nothing_is_left(stairs: Stairs, error: Exception) -> None:  # fmt: skip
    stairs.broken = dict.fromkeys(LADDER, error)
    with pytest.raises(BrowserUnavailable) as caught:
        asyncio.run(launch(Settings(), PROXY))
    assert all(f"{rung}: " in caught.value.message for rung in LADDER)
    assert "long log" not in caught.value.message
    assert caught.value.retryable
    assert all(d.stopped for d in stairs.drivers)
    assert not stairs.directory.exists()


def test_health_says_which_rung_holds(stairs: Stairs, owned: Owned, monkeypatch: pytest.MonkeyPatch) -> None:
    stairs.broken = {"confined": REFUSED}
    monkeypatch.setattr(owning, "launch", launch)
    monkeypatch.setattr(meta, "runtime", owned.runtime)

    async def ask() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(local=True)), base_url="http://localhost") as client:  # fmt: skip
            before = (await client.get("/health")).json()
            await owned.runtime.ensure()
            return before["rung"], (await client.get("/health")).json()

    before, after = asyncio.run(ask())
    assert before is None
    assert (after["rung"], after["browser"], after["launches"]) == ("plain", "156.0", 1)


# -- replaced -------------------------------------------------------------------------------------------------------


class Generation:
    """In place of a browser: answers, or does not."""

    def __init__(self) -> None:
        self.captures, self.used_at, self.ended, self.asked = 0, time.monotonic(), False, 0
        self.alive, self.broken, self.memory_killed, self.pids = True, False, False, [1]
        self.version, self.rung = "156.0", "plain"
        self.answer: Exception | None = None

    async def ask(self) -> str:
        self.asked += 1
        if self.answer is not None:
            raise self.answer
        return "Chrome/156.0"

    async def end(self) -> None:
        self.ended = True


class Owned:
    """A runtime of three slots whose browsers, memory and room are the test's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.memory, self.looked, self.short = 0, 0, False
        self.fails: list[BrowserUnavailable] = []
        guard: Any = SimpleNamespace(open_listener=lambda: SimpleNamespace(url=PROXY))
        self.runtime = Runtime(Settings(workers=3, max_requests=50, memory_limit_mb=1000), guard)
        monkeypatch.setattr(owning, "launch", self._launch)
        monkeypatch.setattr(owning, "Watchdog", lambda *_: None)
        monkeypatch.setattr(owning.confine, "forbid_memory_access", lambda: None)
        for name in ("adopt_orphans", "sweep", "bury"):
            monkeypatch.setattr(tidy, name, lambda: None)
        monkeypatch.setattr(tidy, "short_of_room", lambda: self.short)
        monkeypatch.setattr(processes, "tree", lambda root: [root])
        monkeypatch.setattr(processes, "private_bytes", self._private_bytes)

    async def _launch(self, *_: Any) -> Any:
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop()
        return Generation()

    def _private_bytes(self, pids: list[int]) -> int:
        self.looked += 1
        return self.memory


@pytest.fixture
def owned(monkeypatch: pytest.MonkeyPatch) -> Owned:
    return Owned(monkeypatch)


def replaced(owned: Owned, wear: Callable[[Any], object], *, others: int = 0) -> bool:
    """Whether a capture gets another browser than the worn one, while `others` are at work."""

    async def capture() -> bool:
        for _ in range(others + 1):
            await owned.runtime.take_slot()
        first: Any = await owned.runtime.ensure()
        wear(first)
        second = await owned.runtime.ensure()
        assert first.ended is (second is not first)
        return first.ended

    return asyncio.run(capture())


def counted(captures: int) -> Callable[[Any], object]:
    return lambda generation: setattr(generation, "captures", captures)


@pytest.mark.parametrize(
    ("captures", "others", "expected"), [(49, 0, False), (50, 0, True), (50, 1, False), (51, 2, False)]
)
def test_a_browser_that_served_its_captures_is_replaced_when_it_is_idle(owned: Owned, captures: int, others: int, expected: bool) -> None:  # fmt: skip
    assert replaced(owned, counted(captures), others=others) is expected


@pytest.mark.parametrize(
    ("megabytes", "captures", "others", "expected"),
    [(801, 9, 0, True), (800, 9, 0, False), (801, 19, 0, True), (801, 9, 1, False), (801, 8, 0, False), (801, 10, 0, False)],
)  # fmt: skip
def test_an_idle_browser_that_keeps_too_much_memory_is_replaced(owned: Owned, megabytes: int, captures: int, others: int, expected: bool) -> None:  # fmt: skip
    """Looked at every tenth time only, because looking costs a millisecond or two."""
    owned.memory = megabytes * 1_000_000
    assert replaced(owned, counted(captures), others=others) is expected
    assert owned.looked == (1 if captures % 10 == 9 and not others else 0)


@pytest.mark.parametrize(("others", "expected"), [(0, True), (1, False)])
def test_a_browser_that_fills_the_disk_is_replaced_when_it_is_idle(owned: Owned, others: int, expected: bool) -> None:  # fmt: skip
    assert replaced(owned, lambda _: setattr(owned, "short", True), others=others) is expected


def dead(generation: Any) -> None:
    generation.alive = False


def frozen(generation: Any) -> None:
    generation.used_at, generation.answer = time.monotonic() - 60, RuntimeError("no answer")


@pytest.mark.parametrize("wear", [dead, frozen])
@pytest.mark.parametrize("others", [0, 2])
def test_a_browser_that_does_not_answer_is_replaced_whoever_works(owned: Owned, wear: Callable[[Any], None], others: int) -> None:  # fmt: skip
    assert replaced(owned, wear, others=others)


def test_only_a_browser_that_rested_is_asked(owned: Owned) -> None:
    async def captures() -> list[int]:
        generation: Any = await owned.runtime.ensure()
        asked = []
        for rest in (0, 60, 0):
            generation.used_at -= rest
            assert await owned.runtime.ensure() is generation
            asked.append(generation.asked)
        return asked

    assert asyncio.run(captures()) == [0, 1, 1]


@pytest.mark.parametrize("busy", [0, 1, 2])
def test_a_look_at_the_service_never_takes_the_browser_from_a_capture(owned: Owned, busy: int) -> None:
    """A probe holds no slot; the one that is busy is a capture's, which may be the browser's last or heaviest."""

    async def probed() -> bool:
        for _ in range(busy):
            await owned.runtime.take_slot()
        owned.runtime._open_slots()
        generation: Any = await owned.runtime.ensure()
        generation.captures, owned.memory = 59, 900_000_000
        await owned.runtime.probe()
        return bool(generation.ended)

    assert asyncio.run(probed()) is (busy == 0)


def test_callers_at_the_same_time_share_one_launch(owned: Owned) -> None:
    async def together() -> int:
        found = await asyncio.gather(*(owned.runtime.ensure() for _ in range(5)))
        return len({id(generation) for generation in found})

    assert asyncio.run(together()) == 1
    assert owned.runtime.launches == 1


def test_two_launches_that_fail_end_a_lambda_environment_and_nothing_else(owned: Owned, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        raise Ended

    async def fail(times: int) -> None:
        owned.fails = [BrowserUnavailable("x") for _ in range(times)]
        for _ in range(times):
            with pytest.raises(BrowserUnavailable):
                await owned.runtime.ensure()

    monkeypatch.setattr(os, "_exit", end)
    asyncio.run(fail(3))
    asyncio.run(owned.runtime.ensure())
    asyncio.run(owned.runtime.discard(owned.runtime.generation))  # type: ignore[arg-type]
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    asyncio.run(fail(1))
    owned.fails = [BrowserUnavailable("x")]
    with pytest.raises(Ended):
        asyncio.run(owned.runtime.ensure())
