"""The queue's worker: captures of jobs and webhook deliveries. Each message fails or succeeds by itself."""

from __future__ import annotations

from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the other modules.
runtime.warm()

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from stillframe import aws
from stillframe.queues.sqs import SqsQueue
from stillframe.settings import settings
from stillframe.worker.handle import RetryLater, handle_message

aws.start()
# By default Powertools raises if every message of an invocation failed: the planned retry of a single message
# would be an error of the function. https://github.com/aws-powertools/powertools-lambda-python/issues/4691
_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@aws.invocation
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle the messages of one invocation, and report those that must be delivered again."""
    aws.renew_secrets()
    return dict(process_partial_response(event, _handle, _processor, context))


def _handle(record: SQSRecord, lambda_context: Any) -> None:
    receives = int(record.attributes.approximate_receive_count)
    seconds = aws.seconds_left(lambda_context)
    try:
        runtime.run(
            handle_message(record.body, message_id=record.message_id, receives=receives, seconds=seconds)
        )
    except RetryLater as retry:
        if not retry.final and settings().queue_url:
            SqsQueue(settings().queue_url).postpone(record.receipt_handle, retry.seconds)
        raise
