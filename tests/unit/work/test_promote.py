"""When a capture on the line becomes a job, and queues that hand on what waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from acting import URL, done, picture

from stillframe.api.prefer import or_none_when_late, parse_prefer, sync_wait_seconds
from stillframe.errors import DeadlineExceeded, SelectorNotFound
from stillframe.queues import open_queue
from stillframe.queues.memory import MemoryQueue
from stillframe.queues.sqs import MESSAGE_BYTES, SqsQueue, _grouped
from stillframe.request import parse
from stillframe.settings import Settings


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


def test_a_queue_of_the_process_keeps_what_nobody_hears_yet() -> None:
    queue, heard = MemoryQueue(), list[tuple[str, int]]()
    queue.send(["a", "b"], 5)
    queue.listen(lambda body, delay: heard.append((body, delay)))
    queue.send(["c"])
    assert heard == [("a", 5), ("b", 5), ("c", 0)]


@pytest.mark.parametrize("sizes", [[1] * 25, [MESSAGE_BYTES] * 3, [100_000] * 7, []], ids=len)
def test_a_call_to_sqs_is_ten_messages_and_what_it_can_carry(sizes: list[int]) -> None:
    bodies = [str(n) + "x" * (size - 1) for n, size in enumerate(sizes)]
    groups = list(_grouped(bodies))
    assert [body for group in groups for body in group] == bodies
    assert all(0 < len(group) <= 10 and sum(map(len, group)) <= 262_144 for group in groups)


def test_a_queue_is_known_by_its_address() -> None:
    assert isinstance(open_queue("memory:"), MemoryQueue)
    assert isinstance(open_queue("https://sqs.eu-central-1.amazonaws.com/1/q"), SqsQueue)
    for other in ("", "sqs:x", "jobs"):
        with pytest.raises(ValueError, match="QUEUE_URL"):
            open_queue(other)
