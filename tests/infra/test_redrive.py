"""scripts/redrive.py: jobs move through SQS, events reach their function, what is not readable is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from .conftest import ROOT, load
from .scripts import script

redrive = script("redrive")
FUNCTIONS = {"stillframe-S3Event", "stillframe-Direct", "stillframe-Schedule"}
LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function"


def from_lambda(function: str, payload: Any) -> dict[str, Any]:
    """Lambda's record of an asynchronous invocation that failed."""
    envelope = {
        "version": "1.0",
        "timestamp": "2026-11-26T02:00:00.000Z",
        "requestContext": {
            "requestId": "e4b46cbf",
            "functionArn": f"{LAMBDA}:{function}:$LATEST",
            "condition": "EventAgeExceeded",
            "approximateInvokeCount": 0,
        },
        "requestPayload": payload,
    }
    return {"MessageBody": json.dumps(envelope)}


def from_eventbridge(function: str, event: Any) -> dict[str, Any]:
    """What a rule or a schedule could not deliver: the event itself, with its fate in the attributes."""
    texts = {"TARGET_ARN": f"{LAMBDA}:{function}", "ERROR_CODE": "NO_PERMISSIONS", "RETRY_ATTEMPTS": "3"}
    return {
        "MessageBody": json.dumps(event),
        "MessageAttributes": {k: {"DataType": "String", "StringValue": v} for k, v in texts.items()},
    }


class Invoked:
    """Stands for Lambda, which takes an event with status 202."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.refuses = ""

    def __call__(self, **call: Any) -> dict[str, Any]:
        assert call["InvocationType"] == "Event"
        if call["FunctionName"] == self.refuses:
            raise RuntimeError("throttled")
        self.calls.append((call["FunctionName"], json.loads(call["Payload"])))
        return {"StatusCode": 202}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        sqs = boto3.client("sqs", region_name="eu-west-1")
        yield sqs, sqs.create_queue(QueueName="failed-events")["QueueUrl"]


def replay(queue: tuple[Any, str], invoked: Invoked, **options: Any) -> tuple[Any, list[str]]:
    told: list[str] = []
    counts = redrive.replay_events(
        queue[0], invoked, queue[1], FUNCTIONS, tell=told.append, **{"dry_run": False} | options
    )
    return counts, told


def left(queue: tuple[Any, str]) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = queue[0].get_queue_attributes(QueueUrl=queue[1], AttributeNames=names)["Attributes"]
    return sum(int(value) for value in found.values())


@pytest.mark.parametrize("name", ["s3_eventbridge", "s3_eventbridge_versioned"])
def test_a_drop_goes_back_to_its_function_as_it_was(queue: tuple[Any, str], name: str) -> None:
    event = json.loads((ROOT / "tests" / "events" / f"{name}.json").read_text())
    for made in (from_lambda, from_eventbridge):
        queue[0].send_message(QueueUrl=queue[1], **made("stillframe-S3Event", event))
    invoked = Invoked()
    counts, told = replay(queue, invoked)
    assert invoked.calls == [("stillframe-S3Event", event)] * 2
    assert dict(counts) == {
        "stillframe-S3Event (EventAgeExceeded)": 1,
        "stillframe-S3Event (NO_PERMISSIONS)": 1,
    }
    assert told == []
    assert left(queue) == 0


def test_hundreds_are_replayed_once_each(queue: tuple[Any, str]) -> None:
    for n in range(205):
        queue[0].send_message(QueueUrl=queue[1], **from_lambda("stillframe-Direct", {"n": n}))
    invoked = Invoked()
    replay(queue, invoked)
    assert sorted(payload["n"] for _, payload in invoked.calls) == list(range(205))
    assert left(queue) == 0


def test_a_dry_run_reads_and_changes_nothing(queue: tuple[Any, str]) -> None:
    queue[0].send_message(QueueUrl=queue[1], **from_eventbridge("stillframe-Schedule", {"manifest": "m"}))
    invoked = Invoked()
    counts, _ = replay(queue, invoked, dry_run=True)
    assert counts.total() == 1
    assert invoked.calls == []
    assert left(queue) == 1
    assert replay(queue, invoked)[0].total() == 1, "a run that follows at once finds what the dry run found"
    assert left(queue) == 0


def test_a_dry_run_of_many_names_each_once_and_hides_none(queue: tuple[Any, str]) -> None:
    for n in range(25):
        queue[0].send_message(QueueUrl=queue[1], **from_lambda("stillframe-Direct", {"n": n}))
    for _ in range(2):
        assert replay(queue, Invoked(), dry_run=True)[0].total() == 25


@pytest.mark.parametrize(
    "message",
    [
        {"MessageBody": "not JSON"},
        {"MessageBody": '{"Records": []}'},
        from_lambda("somebody-elses", {"a": 1}),
        from_eventbridge("somebody-elses", {"a": 1}),
        {
            "MessageBody": "{}",
            "MessageAttributes": {
                "TARGET_ARN": {"DataType": "String", "StringValue": "arn:aws:sqs:eu-west-1:123456789012:q"}
            },
        },
    ],
    ids=["text", "no envelope", "Lambda of others", "rule of others", "queue"],
)
def test_what_names_no_function_of_the_stack_is_kept_and_named(
    queue: tuple[Any, str], message: dict[str, Any]
) -> None:
    queue[0].send_message(QueueUrl=queue[1], **message)
    invoked = Invoked()
    counts, told = replay(queue, invoked)
    assert dict(counts) == {"not readable, kept": 1}
    assert len(told) == 1
    assert invoked.calls == []
    assert left(queue) == 1


def test_an_event_that_lambda_does_not_take_stays(queue: tuple[Any, str]) -> None:
    queue[0].send_message(QueueUrl=queue[1], **from_lambda("stillframe-Direct", {}))
    invoked = Invoked()
    invoked.refuses = "stillframe-Direct"
    with pytest.raises(RuntimeError, match="throttled"):
        replay(queue, invoked)
    assert left(queue) == 1
    invoked.refuses = ""
    replay(queue, invoked)
    assert len(invoked.calls) == 1, "the next run finds it again"


@pytest.mark.parametrize("rate", ["0", "-1", "501", "many"])
def test_a_rate_that_sqs_does_not_take_is_refused_before_anything_is_asked(
    rate: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        redrive.main([f"--rate={rate}"])
    assert "--rate" in capsys.readouterr().err


class Machine:
    """Stands for Step Functions, which starts a name once."""

    class exceptions:  # noqa: N801
        class ExecutionAlreadyExists(Exception): ...

    def __init__(self) -> None:
        self.runs: dict[str, Any] = {}

    def start_execution(self, **call: Any) -> None:
        assert call["stateMachineArn"] == "machine"
        if call["name"] in self.runs:
            raise self.exceptions.ExecutionAlreadyExists
        self.runs[call["name"]] = json.loads(call["input"])


def test_a_manifest_that_was_not_run_is_started_once(queue: tuple[Any, str]) -> None:
    written = {"detail-type": "Object Created", "detail": {"object": {"key": "manifests/b.jsonl"}}}
    bodies: list[Any] = [{"key": "manifests/a.csv"}, written, {"key": "input/c.json"}, ["no manifest"]]
    for body in bodies:
        queue[0].send_message(QueueUrl=queue[1], MessageBody=json.dumps(body))
    machine, told = Machine(), list[str]()
    counts = redrive.start_runs(*(queue[0], machine, queue[1], "machine"), dry_run=True, tell=told.append)
    assert (dict(counts), machine.runs) == ({"manifests": 2, "not readable, kept": 2}, {})
    assert left(queue) == 4
    redrive.start_runs(queue[0], machine, queue[1], "machine", tell=told.append)
    assert [run["key"] for run in machine.runs.values()] == ["manifests/a.csv", "manifests/b.jsonl"]
    assert left(queue) == 2


def test_the_run_of_a_manifest_is_named_after_its_message(queue: tuple[Any, str]) -> None:
    sent = queue[0].send_message(QueueUrl=queue[1], MessageBody='{"key": "manifests/a.csv"}')["MessageId"]
    machine = Machine()
    machine.runs[f"redrive-{sent}"] = {}
    queue[0].send_message(QueueUrl=queue[1], MessageBody='{"key": "manifests/b.csv"}')
    counts = redrive.start_runs(queue[0], machine, queue[1], "machine")
    assert counts == {"manifests": 2, "started before": 1}
    assert {"key": "manifests/b.csv"} in machine.runs.values()
    assert left(queue) == 0


@pytest.mark.parametrize(("waiting", "dry", "moves"), [(3, False, True), (3, True, False), (0, False, False)])
def test_jobs_are_moved_by_sqs(waiting: int, dry: bool, moves: bool) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:dead"
    sqs = boto3.client("sqs", "eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    with Stubber(sqs) as stub:
        attributes = {"ApproximateNumberOfMessages": str(waiting), "QueueArn": arn}
        stub.add_response("get_queue_attributes", {"Attributes": attributes})
        if moves:
            wanted = {"SourceArn": arn, "MaxNumberOfMessagesPerSecond": 10}
            stub.add_response("start_message_move_task", {"TaskHandle": "t"}, wanted)
        assert redrive.move_jobs(sqs, "https://queue", 10, dry_run=dry) == waiting
        stub.assert_no_pending_responses()


def test_the_stack_says_what_the_script_asks_for() -> None:
    outputs = load(ROOT / "template.yaml")["Outputs"]
    assert {"DeadLetterQueueUrl", "FailedEventsQueueUrl"} <= set(outputs)
    bulk = load(ROOT / "infra" / "bulk.yaml")["Outputs"]
    assert {"ManifestDeadLettersUrl", "StateMachineArn"} <= set(bulk)
    functions = {name for name in outputs if name.endswith("Function")}
    assert functions == {
        "HttpApiFunction",
        "DirectInvokeFunction",
        "S3EventFunction",
        "SqsWorkerFunction",
        "ScheduleFunction",
    }
