"""One way to await within the deadline."""

from __future__ import annotations

import asyncio

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
