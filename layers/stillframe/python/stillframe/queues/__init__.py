"""Queues of messages: SQS, or the process itself. A back end is imported when it is first used."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Protocol
from urllib.parse import urlsplit

from ..errors import NotConfigured
from ..settings import settings


class Queue(Protocol):
    """Text messages that a worker handles later."""

    def send(self, bodies: Sequence[str], delay: int = 0) -> None:
        """Send every message, visible after `delay` seconds (at most 900). Raises StorageUnavailable."""
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


@cache
def configured() -> Queue:
    """The queue of QUEUE_URL, or of the process. Raises NotConfigured on Lambda without QUEUE_URL."""
    url = settings().queue_url
    # Lambda freezes the process between invocations, so its own queue would never be read.
    if not url and "AWS_LAMBDA_FUNCTION_NAME" in os.environ and not os.environ.get("AWS_SAM_LOCAL"):
        raise NotConfigured("Jobs need QUEUE_URL and JOBS_TABLE.")
    return open_queue(url or "memory:")
