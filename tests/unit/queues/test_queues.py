"""Queues: what each back end sends, and how it is chosen."""

from __future__ import annotations

import pytest

from stillframe.queues import open_queue
from stillframe.queues.memory import MemoryQueue
from stillframe.queues.sqs import MESSAGE_BYTES, SqsQueue, _batches


def test_messages_of_the_process_wait_for_a_listener() -> None:
    queue, heard = MemoryQueue(), list[tuple[str, int]]()
    queue.send(["a", "b"], 5)
    queue.listen(lambda body, delay: heard.append((body, delay)))
    queue.send(["c"])
    assert heard == [("a", 5), ("b", 5), ("c", 0)]


@pytest.mark.parametrize("sizes", [[1] * 25, [MESSAGE_BYTES] * 3, [100_000] * 7, []], ids=len)
def test_a_batch_to_sqs_stays_within_its_limits(sizes: list[int]) -> None:
    bodies = [str(n) + "x" * (size - 1) for n, size in enumerate(sizes)]
    groups = list(_batches(bodies))
    assert [body for group in groups for body in group] == bodies
    assert all(0 < len(group) <= 10 and sum(map(len, group)) <= 262_144 for group in groups)


def test_a_queue_is_known_by_its_address() -> None:
    assert isinstance(open_queue("memory:"), MemoryQueue)
    assert isinstance(open_queue("https://sqs.eu-central-1.amazonaws.com/1/q"), SqsQueue)
    for other in ("", "sqs:x", "jobs"):
        with pytest.raises(ValueError, match="QUEUE_URL"):
            open_queue(other)
