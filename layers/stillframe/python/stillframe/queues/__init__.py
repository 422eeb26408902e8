"""Where work waits, as one table; a row is imported when it is first used."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol
from urllib.parse import urlsplit


class Queue(Protocol):
    """Texts that somebody will work on later."""

    def send(self, bodies: Sequence[str], delay: int = 0) -> None:
        """Put every text on the queue, to be seen after `delay` seconds (at most 900). Raises StorageUnavailable."""
        ...


QUEUES = {
    "https": "stillframe.queues.sqs:SqsQueue",
    "http": "stillframe.queues.sqs:SqsQueue",
    "memory": "stillframe.queues.memory:MemoryQueue",
}


def open_queue(uri: str) -> Queue:
    """The queue of an SQS address or `memory:`. Raises ValueError for anything else."""
    scheme = urlsplit(uri).scheme
    if scheme not in QUEUES:
        raise ValueError(f"QUEUE_URL: {uri!r} is not the address of an SQS queue")
    module, _, name = QUEUES[scheme].partition(":")
    queue: Queue = getattr(import_module(module), name)(uri)
    return queue
