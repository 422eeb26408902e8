"""When a synchronous capture becomes a job."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from stillframe.api.prefer import or_none_when_late, parse_prefer, sync_wait_seconds
from stillframe.errors import DeadlineExceeded, SelectorNotFound
from stillframe.request import parse
from stillframe.settings import Settings
from unit.stand_ins import URL, done, picture


@pytest.mark.parametrize(
    ("header", "wish"),
    [
        (None, (False, None)),
        ("", (False, None)),
        ("wait=5", (False, None)),
        ("respond-async", (True, None)),
        ("Respond-Async, wait=10", (True, 10.0)),
        ("wait = 0 , respond-async", (True, 0.0)),
        ("respond-async, wait=soon", (True, None)),
        ("return=minimal,respond-async,wait=3,wait=9", (True, 3.0)),
        ("respond-async-not", (False, None)),
    ],
)
def test_the_wish_of_a_caller_is_read(header: str | None, wish: tuple[bool, float | None]) -> None:
    assert parse_prefer(header) == wish


@pytest.mark.parametrize(
    ("timeout", "door", "left", "wait", "seconds"),
    [
        (60_000, 29, None, None, 28),
        (60_000, 29, 10, None, 9),
        (60_000, None, None, 5, 5),
        (60_000, 29, None, 40, 28),
        (5_000, 29, None, None, None),
        (60_000, None, None, None, None),
        (60_000, None, 0.5, None, 0),
        (60_000, 29, None, 0, 0),
    ],
)
def test_a_capture_waits_as_long_as_door_and_caller_do(
    timeout: int, door: Any, left: Any, wait: Any, seconds: Any
) -> None:
    assert sync_wait_seconds(parse(URL | {"timeout": timeout}), Settings(), door, left, wait) == seconds


def test_what_comes_too_late_is_none_and_what_fails_fails() -> None:
    async def late() -> Any:
        await asyncio.Event().wait()

    async def quick() -> Any:
        return picture()

    async def failing(error: Exception) -> Any:
        raise error

    assert done(or_none_when_late(late(), 0.01)) is None
    assert done(or_none_when_late(failing(DeadlineExceeded("load")), 5)) is None
    assert done(or_none_when_late(quick(), 5)) is not None
    assert done(or_none_when_late(quick(), None)) is not None
    with pytest.raises(DeadlineExceeded):
        done(or_none_when_late(failing(DeadlineExceeded("load")), None))
    with pytest.raises(SelectorNotFound):
        done(or_none_when_late(failing(SelectorNotFound("x")), 5))
