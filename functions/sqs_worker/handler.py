"""The queue's worker: capture jobs and webhook deliveries, each message answered by itself."""

from __future__ import annotations

from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the rest.
runtime.warm()

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from stillframe import aws
from stillframe.idempotency import once
from stillframe.queues.sqs import SqsQueue
from stillframe.settings import settings
from stillframe.worker.handle import TryAgain, perform

aws.start()
# Partial failures are the report itself; raising for a batch of one would count a planned retry as a crash.
_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The messages of one invocation; the answer names those that must come back."""
    return dict(process_partial_response(event, _one, _processor, context))


def _one(record: SQSRecord, lambda_context: Any) -> None:
    try:
        _work(lambda_context, record.message_id, record)
    except TryAgain as again:
        if not again.final and settings().queue_url:
            SqsQueue(settings().queue_url).postpone(record.receipt_handle, again.seconds)
        raise


def _perform(context: Any, message_id: str, record: SQSRecord) -> None:
    receives = int(record.attributes.approximate_receive_count)
    runtime.run(
        perform(record.body, message_id=message_id, receives=receives, seconds=aws.seconds_left(context))
    )


_work = once(_perform)
