"""Deadlines: remaining time, timeouts, and awaiting within them."""

from __future__ import annotations

import asyncio
import time

import pytest

from stillframe.deadline import Deadline
from stillframe.errors import DeadlineExceeded


async def _answer(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


def test_work_in_time_returns_its_result() -> None:
    assert asyncio.run(Deadline.after(5).run(_answer(0), "load")) == "done"


@pytest.mark.parametrize(("left", "cap_ms"), [(0.02, None), (5, 20)])
def test_late_work_is_cancelled_and_the_phase_is_named(left: float, cap_ms: float | None) -> None:
    async def late() -> None:
        cancelled = asyncio.Event()

        async def work() -> None:
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                cancelled.set()
                raise

        with pytest.raises(DeadlineExceeded) as raised:
            await Deadline.after(left).run(work(), "settle", cap_ms)
        assert raised.value.phase == "settle"
        assert cancelled.is_set()

    asyncio.run(late())


def test_work_does_not_begin_when_no_time_is_left() -> None:
    with pytest.raises(DeadlineExceeded):
        asyncio.run(Deadline.after(0).run(_answer(0), "load"))


def test_a_deadline_gives_the_cap_or_what_is_left() -> None:
    deadline = Deadline(time.monotonic() + 10)
    assert deadline.timeout(500, "load") == 500
    assert 9_000 < deadline.timeout(60_000, "load") <= 10_000
    assert 9_000 < deadline.timeout(None, "load") <= 10_000
    assert deadline.share(0.5, 60_000) <= 5_000
    assert deadline.share(0.5, 100) == 100
    assert deadline.earlier(1).remaining() <= 1


def test_a_deadline_that_has_passed_names_the_phase() -> None:
    passed = Deadline(time.monotonic() - 1)
    assert passed.remaining() == 0
    with pytest.raises(DeadlineExceeded) as caught:
        passed.timeout(500, "settle")
    assert caught.value.phase == "settle"
