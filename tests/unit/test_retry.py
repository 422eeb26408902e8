"""The second try of a capture: what earns it, how it differs, and that nothing of the first is reported."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from stillframe import pipeline, retry
from stillframe.attempt import Attempt, Captured
from stillframe.browser.runtime import Runtime
from stillframe.deadline import Deadline
from stillframe.errors import CaptureError, DeadlineExceeded, MemoryLimit
from stillframe.page.session import MemoryContended, PageCrashed
from stillframe.request import parse
from stillframe.result import CaptureReport
from stillframe.steps.settle import TimeStoodStill


def tried(
    monkeypatch: pytest.MonkeyPatch, *errors: BaseException, phase: str = "shoot"
) -> tuple[list[Any], CaptureReport]:
    """The modes of the attempts, each of which says a lot before it fails, and the report."""
    modes: list[Any] = []
    report = CaptureReport()

    async def run(_: Any, attempt: Attempt) -> Any:
        assert report.warnings == report.console == report.failed_requests.items == []
        assert report.target.status is None
        modes.append(attempt.mode)
        if len(modes) > len(errors):
            return Captured([], None)
        attempt.phase = phase
        report.warn("load_timeout", "x")
        report.note("settle", {"mode": "virtual"})
        report.note("denied", ["x"])
        report.console.append("x")
        report.failed_requests.add("https://a.example/", "image", "x")
        report.target.status = 500
        raise errors[len(modes) - 1]

    monkeypatch.setattr(pipeline, "run", run)
    asyncio.run(retry.run(Runtime(), parse({"url": "https://a.example/"}), Deadline.after(5), report))
    return modes, report


@pytest.mark.parametrize(
    ("error", "reason", "settled"),
    [
        (PageCrashed(), "the page crashed", None),
        (
            TimeStoodStill("a script did not end"),
            "a script did not end",
            {"mode": "real", "reason": "a script did not end"},
        ),
        (
            DeadlineExceeded("shoot"),
            "the page gave no picture",
            {"mode": "real", "reason": "the page gave no picture"},
        ),
    ],
    ids=["crashed", "stood still", "no picture"],
)
def test_a_second_try_reports_only_what_it_found_itself(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str, settled: Any
) -> None:
    modes, report = tried(monkeypatch, error)
    retried = {"retried": "shoot", "retry_reason": reason}
    assert report.facts == retried | ({"settle": settled} if settled else {})
    assert modes[1].virtual_time is (settled is None)


def test_a_neighbour_of_the_page_that_ate_the_memory_is_captured_again_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    modes, _ = tried(monkeypatch, MemoryContended())
    assert [mode.exclusive for mode in modes] == [False, True]


@pytest.mark.parametrize("errors", [[MemoryLimit("x")], [MemoryContended(), MemoryLimit("x")]])
def test_a_page_that_eats_the_memory_when_it_is_alone_is_told_so(
    monkeypatch: pytest.MonkeyPatch, errors: list[Exception]
) -> None:
    with pytest.raises(CaptureError) as caught:
        tried(monkeypatch, *errors)
    assert caught.value.code == "memory_limit"


def test_a_future_that_the_driver_cancelled_is_a_lost_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    modes, report = tried(monkeypatch, asyncio.CancelledError())
    assert len(modes) == 2
    with pytest.raises(CaptureError) as caught:
        tried(monkeypatch, asyncio.CancelledError(), asyncio.CancelledError())
    assert caught.value.code == "browser_unavailable"
    assert report.facts == {"retried": "shoot", "retry_reason": "the browser was lost"}


def test_a_capture_that_its_caller_cancels_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[Any] = []

    async def run(_: Any, attempt: Attempt) -> Any:
        attempts.append(attempt)
        await asyncio.sleep(60)

    async def cancelled() -> None:
        work = retry.run(Runtime(), parse({"url": "https://a.example/"}), Deadline.after(5), CaptureReport())
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(pipeline, "run", run)
    asyncio.run(cancelled())
    assert len(attempts) == 1
