"""The memory limit of browser, driver and our own process, and the memory that our process gives back."""

from __future__ import annotations

import os

import pytest

from stillframe.browser import own_memory, processes
from stillframe.browser.launch import BrowserInstance
from stillframe.browser.own_memory import OwnMemory
from stillframe.browser.supervisor import BrowserSupervisor
from stillframe.browser.watchdog import MemoryUse, Watchdog, limit_bytes
from stillframe.settings import Settings

MB = 1_000_000


@pytest.mark.parametrize(
    ("configured", "function", "expected"),
    [
        (700, "2048", 700 * MB),
        (0, "2048", (2048 - 200) * 1_048_576),
        (0, "512", 350 * 1_048_576),
        (0, "", 2_200 * MB),
    ],
)
def test_the_limit_is_configured_or_follows_from_the_memory_of_the_function(
    monkeypatch: pytest.MonkeyPatch, configured: int, function: str, expected: int
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function)
    assert limit_bytes(Settings(memory_limit_mb=configured)) == expected


def test_the_watchdog_kills_above_the_limit_only() -> None:
    used, killed = [MemoryUse(60, 40)], []
    watchdog = Watchdog(100, lambda: used[0], lambda: killed.append(used[0]))
    watchdog.measure()
    assert not killed
    used[0] = MemoryUse(60, 41)
    watchdog.measure()
    assert killed == [(60, 41)]


def test_a_capture_learns_of_every_measurement_and_of_one_at_least() -> None:
    seen: list[tuple[int, int]] = []
    watchdog = Watchdog(100, lambda: MemoryUse(60, 4), lambda: None)
    with watchdog.watching(lambda browser, process: seen.append((browser, process))):
        pass
    assert seen == [(60, 4)]
    watchdog.measure()
    assert seen == [(60, 4)]
    with watchdog.watching(lambda browser, process: seen.append((browser, process))):
        watchdog.measure()
    assert set(seen) == {(60, 4)}
    assert len(seen) >= 2


def test_browser_driver_and_our_own_process_count_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {os.getpid(): 1, 20: 10, 30: 100, 31: 1000}
    monkeypatch.setattr(processes, "private_bytes", lambda pids: sum(sizes[pid] for pid in pids))
    monkeypatch.setattr(processes, "tree", lambda root: [root, 31])
    supervisor = BrowserSupervisor(Settings, lambda: 1, lambda: 0, lambda _: None)
    assert supervisor.memory_use() == (0, 1)
    instance: BrowserInstance = BrowserInstance.__new__(BrowserInstance)
    instance.pids, instance.driver_pids = [30, 32], [20]
    supervisor.instance = instance
    assert supervisor.memory_use() == (1110, 1)


class Process:
    """In place of this process: its size in megabytes, and how often it was collected and trimmed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.size, self.in_use, self.work = 100, 100, []
        monkeypatch.setattr(own_memory, "_used", lambda: self.size * MB)
        monkeypatch.setattr(own_memory, "_trim", self._trim)
        monkeypatch.setattr(own_memory.gc, "collect", lambda: self.work.append("collect"))

    size: int
    in_use: int
    work: list[str]

    def _trim(self) -> None:
        self.work.append("trim")
        self.size = min(self.size, self.in_use)


def test_a_process_that_grew_much_is_collected_and_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    process, memory = Process(monkeypatch), OwnMemory()
    memory.give_back()
    process.size = 115
    memory.give_back()
    assert process.work == []
    process.size = 400
    memory.give_back()
    assert process.work == ["collect", "trim"]
    assert process.size == 100


def test_memory_that_stays_in_use_is_not_collected_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    process, memory = Process(monkeypatch), OwnMemory()
    memory.give_back()
    process.size = process.in_use = 200
    for _ in range(20):
        memory.give_back()
    assert process.work == ["collect", "trim"] * 4
    process.size = 300
    memory.give_back()
    assert process.size == 200


def test_memory_that_is_released_later_is_given_back_then(monkeypatch: pytest.MonkeyPatch) -> None:
    process, memory = Process(monkeypatch), OwnMemory()
    memory.give_back()
    process.size, process.in_use = 400, 300
    memory.give_back()
    assert process.size == 300
    process.in_use = 100
    memory.give_back()
    assert process.size == 100
