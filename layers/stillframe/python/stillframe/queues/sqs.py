"""A queue in SQS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..botocore_errors import map_botocore_errors
from ..errors import StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# One call takes ten messages and 256 KB of them together.
_CALL_MESSAGES = 10
_CALL_BYTES = 250_000
# What does not fit one message travels by way of the storage.
MESSAGE_BYTES = 240_000


class SqsQueue:
    """One SQS queue."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def client(self) -> SQSClient:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "sqs",
            config=Config(
                retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=20
            ),
        )

    def send(self, bodies: Sequence[str], delay: int = 0) -> None:
        with map_botocore_errors("The queue does not take messages."):
            for group in _grouped(bodies):
                entries: Any = [
                    {"Id": str(i), "MessageBody": b, "DelaySeconds": delay} for i, b in enumerate(group)
                ]
                failed = self.client.send_message_batch(QueueUrl=self.url, Entries=entries).get("Failed", [])
                if failed:
                    raise StorageUnavailable(f"The queue refused {len(failed)} messages.", retry_after=2)

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let a received message come back after `seconds`, earlier or later than its visibility timeout says."""
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=max(0, min(seconds, 43_200))
        )


def _grouped(bodies: Sequence[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for body in bodies:
        length = len(body.encode())
        if group and (len(group) == _CALL_MESSAGES or size + length > _CALL_BYTES):
            yield group
            group, size = [], 0
        group.append(body)
        size += length
    if group:
        yield group
