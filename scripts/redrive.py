"""Puts back what failed: jobs of the dead-letter queue, and events that no function took.

    .venv/bin/python scripts/redrive.py [--stack NAME] [--bulk-stack NAME] [--only jobs|events|manifests]
                                        [--rate N] [--dry-run]

Jobs are moved by SQS itself, with a message's receives counted anew. Events lie in an envelope that names
their function: Lambda's own of an asynchronous invocation, or the message attributes of an EventBridge rule
or schedule. An event is deleted once Lambda has accepted it; what is not readable stays in the queue and is
named. With --bulk-stack, a manifest whose run could not be started is started. Run it after the fault is
mended, because a capture that fails again comes back.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

# Seconds for which a message is hidden from a second run while this one works on it.
HIDDEN = 300


class Event(NamedTuple):
    """What a message of the failed-events queue asks for."""

    function: str
    payload: str
    why: str


class NotReadable(Exception):
    """The message names no function of the stack, or carries no event."""


def read(message: Mapping[str, Any], functions: set[str]) -> Event:
    """The event in one message. Raises NotReadable.

    Only functions of the stack are called: whoever may write into the queue must not choose another one.
    """
    attributes = {k: v.get("StringValue", "") for k, v in message.get("MessageAttributes", {}).items()}
    if "TARGET_ARN" in attributes:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html and, for schedules,
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        arn, payload = attributes["TARGET_ARN"], message["Body"]
        why = attributes.get("ERROR_CODE", "")
    else:
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        try:
            envelope = json.loads(message["Body"])
            arn = envelope["requestContext"]["functionArn"]
            payload, why = json.dumps(envelope["requestPayload"]), envelope["requestContext"]["condition"]
        except (ValueError, KeyError, TypeError) as error:
            raise NotReadable(
                f"{message['MessageId']}: no envelope of Lambda or EventBridge ({error!r})"
            ) from None
    parts = arn.split(":")
    if len(parts) < 7 or parts[2] != "lambda" or parts[6] not in functions:
        raise NotReadable(f"{message['MessageId']}: {arn} is no function of the stack")
    return Event(parts[6], payload, why)


class Inbox:
    """The messages of a queue, each once. What is not deleted can be received again at the end.

    A message that is read is hidden for `HIDDEN` seconds. Without the end, a run after a dry run or after a
    fault would find an empty queue.
    """

    def __init__(self, sqs: Any, queue: str) -> None:
        self._sqs, self._queue = sqs, queue
        self._held: dict[str, str] = {}

    def __enter__(self) -> Inbox:
        return self

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The end is reached when no message is visible or only known ones come back."""
        seen: set[str] = set()
        while True:
            found = self._sqs.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=1,
            ).get("Messages", [])
            self._held |= {message["MessageId"]: message["ReceiptHandle"] for message in found}
            fresh = [message for message in found if message["MessageId"] not in seen]
            if not fresh:
                return
            seen |= {message["MessageId"] for message in fresh}
            yield from fresh

    def delete(self, message: Mapping[str, Any]) -> None:
        """Delete a message that its function has taken."""
        self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        self._held.pop(message["MessageId"], None)

    def __exit__(self, *_: object) -> None:
        receipts = list(self._held.values())
        for start in range(0, len(receipts), 10):
            entries = [
                {"Id": str(n), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for n, receipt in enumerate(receipts[start : start + 10])
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._queue, Entries=entries)


def replay_events(
    sqs: Any,
    invoke: Callable[..., Any],
    queue: str,
    functions: set[str],
    *,
    dry_run: bool = False,
    pause: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = print,
) -> Counter[str]:
    """Gives every event of the queue to its function; returns how many of each kind there were."""
    counts: Counter[str] = Counter()
    with Inbox(sqs, queue) as inbox:
        for message in inbox:
            try:
                event = read(message, functions)
            except NotReadable as error:
                tell(str(error))
                counts["not readable, kept"] += 1
                continue
            counts[f"{event.function} ({event.why})"] += 1
            if dry_run:
                continue
            invoke(FunctionName=event.function, InvocationType="Event", Payload=event.payload.encode())
            # Accepted: should the deletion fail, a second run gives it again, which the functions bear.
            inbox.delete(message)
            pause()
    return counts


def start_runs(
    sqs: Any,
    states: Any,
    queue: str,
    machine: str,
    *,
    dry_run: bool = False,
    tell: Callable[[str], None] = print,
) -> Counter[str]:
    """Starts the bulk run of each manifest in the queue; returns how many of each kind there were."""
    counts: Counter[str] = Counter()
    with Inbox(sqs, queue) as inbox:
        for message in inbox:
            try:
                body = json.loads(message["Body"])
                # The queue holds the rule's input or the event of S3, by whether the rule had transformed it.
                key = body["key"] if "key" in body else body["detail"]["object"]["key"]
                if not str(key).startswith("manifests/"):
                    raise ValueError(f"{key} is no manifest")
            except (ValueError, KeyError, TypeError) as error:
                tell(f"{message['MessageId']}: no manifest ({error!r})")
                counts["not readable, kept"] += 1
                continue
            counts["manifests"] += 1
            if dry_run:
                continue
            # The name makes a second replay of one message the same run.
            name, given = f"redrive-{message['MessageId']}", json.dumps({"key": key})
            try:
                states.start_execution(stateMachineArn=machine, name=name, input=given)
            except states.exceptions.ExecutionAlreadyExists:
                counts["started before"] += 1
            inbox.delete(message)
    return counts


def move_jobs(sqs: Any, queue: str, rate: int, *, dry_run: bool = False) -> int:
    """Starts SQS's own redrive to where the messages came from; returns about how many there are."""
    names = ["ApproximateNumberOfMessages", "QueueArn"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    waiting = int(attributes["ApproximateNumberOfMessages"])
    if waiting and not dry_run:
        sqs.start_message_move_task(SourceArn=attributes["QueueArn"], MaxNumberOfMessagesPerSecond=rate)
    return waiting


def outputs_of(stack: str) -> dict[str, str]:
    """The outputs of a stack."""
    import boto3

    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {row["OutputKey"]: row["OutputValue"] for row in described["Outputs"]}


def _rate(text: str) -> int:
    """Messages a second; SQS moves 500 at most. Raises ValueError, which argparse reports."""
    if not 1 <= int(text) <= 500:
        raise ValueError(text)
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Entry point. Returns 1 when a message was not readable."""
    import boto3

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack", default="stillframe", help="name of the stack")
    parser.add_argument("--bulk-stack", help="name of the stack of infra/bulk.yaml, for its queue")
    parser.add_argument(
        "--only", choices=["jobs", "events", "manifests"], help="leave the other queues alone"
    )
    parser.add_argument("--rate", type=_rate, default=10, help="messages a second, 1 to 500 (10)")
    parser.add_argument("--dry-run", action="store_true", help="say what is there, and change nothing")
    given = parser.parse_args(arguments)
    if given.only == "manifests" and not given.bulk_stack:
        parser.error("--only manifests needs --bulk-stack")
    outputs = outputs_of(given.stack)
    sqs = boto3.client("sqs")
    counts: Counter[str] = Counter()
    if given.only in (None, "jobs"):
        waiting = move_jobs(sqs, outputs["DeadLetterQueueUrl"], given.rate, dry_run=given.dry_run)
        print(f"{waiting} jobs {'wait' if given.dry_run else 'are moved back to the queue'}.")
    if given.only in (None, "events"):
        counts = replay_events(
            sqs,
            boto3.client("lambda").invoke,
            outputs["FailedEventsQueueUrl"],
            {value for key, value in outputs.items() if key.endswith("Function")},
            dry_run=given.dry_run,
            pause=lambda: time.sleep(1 / given.rate),
        )
        for what, count in sorted(counts.items()):
            print(f"{count} events: {what}")
        print(f"{counts.total()} events {'wait' if given.dry_run else 'read'}.")
    if given.bulk_stack and given.only in (None, "manifests"):
        bulk = outputs_of(given.bulk_stack)
        states = boto3.client("stepfunctions")
        queue, machine = bulk["ManifestDeadLettersUrl"], bulk["StateMachineArn"]
        started = start_runs(sqs, states, queue, machine, dry_run=given.dry_run)
        print(f"{started['manifests']} manifests {'wait' if given.dry_run else 'started'}.")
        counts.update(started)
    return 1 if counts["not readable, kept"] else 0


if __name__ == "__main__":
    sys.exit(main())
