"""An SQS queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..botocore_errors import map_botocore_errors
from ..errors import StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SendMessageBatch takes 10 messages. Their total was limited to 256 KiB before AWS raised that to 1 MiB;
# other implementations of SQS still have the old limit.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
_BATCH_MESSAGES = 10
_BATCH_BYTES = 250_000
# A larger request is stored, and its message carries the key.
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
        with map_botocore_errors("The queue is unavailable."):
            for batch in _batches(bodies):
                entries: Any = [
                    {"Id": str(i), "MessageBody": b, "DelaySeconds": delay} for i, b in enumerate(batch)
                ]
                failed = self.client.send_message_batch(QueueUrl=self.url, Entries=entries).get("Failed", [])
                if failed:
                    raise StorageUnavailable(f"The queue refused {len(failed)} messages.", retry_after=2)

    def postpone(self, receipt: str, seconds: int) -> None:
        """Make a received message visible again in `seconds`, whatever its visibility timeout is."""
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=max(0, min(seconds, 43_200))
        )


def _batches(bodies: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for body in bodies:
        length = len(body.encode())
        if batch and (len(batch) == _BATCH_MESSAGES or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += length
    if batch:
        yield batch
