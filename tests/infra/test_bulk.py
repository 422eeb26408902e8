"""The bulk state machine in moto's interpreter: each row once, errors retried, failures counted."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_lambda

from stillframe import aws, service, site_limits
from stillframe.errors import NameNotResolved
from stillframe.request import CaptureRequest, from_strings
from stillframe.settings import Settings

from .conftest import ROOT, load

BUCKET = "stillframe-input"
RESULTS = "stillframe-output"
SUBSTITUTES = {
    "AWS::Partition": "aws",
    "InputBucket": BUCKET,
    "OutputBucket": RESULTS,
    "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:stillframe-DirectInvoke",
    "MaxConcurrency": "3",
    "ToleratedFailurePercentage": "50.0",  # moto wants a fraction, AWS takes both
    "ChildType": "STANDARD",
    "PauseSeconds": "0",
}


def definition(**changes: str) -> dict[str, Any]:
    """The definition as CloudFormation writes it, with the parameters put in."""
    text, _ = load(ROOT / "infra" / "bulk.yaml")["Resources"]["Bulk"]["Properties"]["DefinitionString"][
        "Fn::Sub"
    ]
    for name, value in {**SUBSTITUTES, **changes}.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text
    parsed = json.loads(text)
    assert isinstance(parsed, dict)
    return parsed


class DirectDoor:
    """Answers as the direct-invoke function does; hosts named `fail-…` and `busy-N-…` misbehave."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> dict[str, Any]:
        assert call["FunctionName"] == SUBSTITUTES["FunctionArn"]
        payload = call["Payload"]
        event = json.loads(payload if isinstance(payload, (str, bytes, bytearray)) else payload.read())
        self.payloads.append(event)
        cells = [(name, cell) for name, cell in event.get("row", {}).items() if cell != ""]
        request = {**event, **event.get("line", {}), **from_strings(cells)}
        host = request["url"].split("//")[1]
        if host.startswith("end") and self.tries(host) <= int(host.split("-")[1]):
            # What Lambda answers for a function whose process has ended.
            fault = {"errorType": "Runtime.ExitError", "errorMessage": "exit status 137"}
            body = io.BytesIO(json.dumps(fault).encode())
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": body}
        return self.answer(request)

    def tries(self, host: str) -> int:
        return sum(host in json.dumps(p) for p in self.payloads)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        host = request["url"].split("//")[1]
        tries = self.tries(host)
        result: dict[str, Any] = {
            "url": f"https://results.example/{host}",
            "format": request.get("format", "png"),
        }
        if host.startswith("fail"):
            result = {
                "status": "error",
                "code": "name_not_resolved",
                "message": "No such name.",
                "retryable": False,
            }
        if host.startswith("wait") and tries <= int(host.split("-")[1]):
            result = {"status": "error", "code": "target_busy", "message": "Later.", "retryable": True}
        if host.startswith("busy") and tries <= int(host.split("-")[1]):
            result = {"status": "error", "code": "browser_unavailable", "message": "Busy.", "retryable": True}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(result).encode())}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[DirectDoor]:
    """S3 and Step Functions of moto, and a Lambda service that is `DirectDoor`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    direct = DirectDoor()
    monkeypatch.setattr(state_task_service_lambda.lambda_eval_utils, "boto_client_for", lambda **_: direct)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        s3 = boto3.client("s3")
        for bucket in (BUCKET, RESULTS):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield direct


def run(key: str, body: str, started: dict[str, Any] | None = None, **changes: str) -> dict[str, Any]:
    """Start the state machine on a manifest and wait for its end.

    moto reads CSV and JSON; a JSON list stands in for the lines of a JSONL manifest.
    """
    text = json.dumps(definition(**changes)).replace('"InputType": "JSONL"', '"InputType": "JSON"')
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body.encode())
    states = boto3.client("stepfunctions")
    machine = states.create_state_machine(
        name="bulk", definition=text, roleArn="arn:aws:iam::123456789012:role/bulk-role"
    )
    execution = states.start_execution(
        stateMachineArn=machine["stateMachineArn"],
        name="the-run",
        input=json.dumps({"key": key, **(started or {})}),
    )["executionArn"]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        state = states.describe_execution(executionArn=execution)
        if state["status"] != "RUNNING":
            return dict(state)
        time.sleep(0.02)
    pytest.fail("the state machine did not end")


def test_every_row_is_captured_once_with_the_shared_options(door: DirectDoor) -> None:
    rows = "".join(f"https://site-{n}.example,true,\n" for n in range(20))
    state = run("manifests/a.csv", "url,full_page,selector\n" + rows, {"options": {"format": "pdf"}})
    assert state["status"] == "SUCCEEDED", state
    assert Counter(p["format"] for p in door.payloads) == {"pdf": 20}
    assert all(p["store"] is True and p["response_type"] == "json" for p in door.payloads)
    runs = {p["bulk"]["run"] for p in door.payloads}
    assert runs == {"the-run"}
    numbers = {int(p["row"]["url"].split("-")[1].split(".")[0]): p["bulk"]["row"] for p in door.payloads}
    assert numbers == {n: n for n in range(20)}, "each row knows its own number"
    written = boto3.client("s3").list_objects_v2(Bucket=RESULTS)["Contents"]
    assert all(o["Key"].startswith("bulk/") for o in written)


def test_a_retryable_error_is_tried_three_times(door: DirectDoor) -> None:
    state = run(
        "manifests/a.csv", "url\nhttps://busy-2-a\nhttps://busy-9-b\nhttps://fail-c\nhttps://fine-d\n"
    )
    assert state["status"] == "SUCCEEDED", state
    tried = Counter(url.split("//")[1] for url in urls(door))
    assert tried == {"busy-2-a": 3, "busy-9-b": 3, "fail-c": 1, "fine-d": 1}


def test_a_row_whose_environment_ended_is_tried_once_more(door: DirectDoor) -> None:
    """The end may be another row's doing: a page that filled the memory, a browser that did not start."""
    state = run("manifests/a.csv", "url\nhttps://end-1-a\nhttps://end-9-b\nhttps://fine-c\n")
    assert state["status"] == "SUCCEEDED", state
    assert Counter(url.split("//")[1] for url in urls(door)) == {"end-1-a": 2, "end-9-b": 2, "fine-c": 1}


def test_a_row_that_waits_for_its_site_does_not_use_up_its_attempts(door: DirectDoor) -> None:
    state = run("manifests/a.csv", "url\nhttps://wait-7-a\nhttps://fine-b\n")
    assert state["status"] == "SUCCEEDED", state
    assert Counter(url.split("//")[1] for url in urls(door)) == {"wait-7-a": 8, "fine-b": 1}


def test_concurrency_and_tolerance_are_parameters() -> None:
    # moto parses the tolerance and does not act on it, so this is as far as a local test goes.
    for name in ("Csv", "Jsonl"):
        state = definition(MaxConcurrency="7", ToleratedFailurePercentage="4")["States"][name]
        assert (state["MaxConcurrency"], state["ToleratedFailurePercentage"]) == (7, 4)


def test_a_jsonl_row_keeps_its_types(door: DirectDoor) -> None:
    rows = [{"url": "https://fine-a", "clip": {"x": 1, "y": 2}}, {"url": "https://fail-b"}]
    state = run("manifests/a.jsonl", json.dumps(rows))
    assert state["status"] == "SUCCEEDED", state
    assert sorted(urls(door)) == ["https://fail-b", "https://fine-a"]
    assert {"x": 1, "y": 2} in [p["line"].get("clip") for p in door.payloads]


@pytest.mark.parametrize("key", ["manifests/a.txt", "input/a.csv", "output/a.jsonl"])
def test_another_object_is_not_a_manifest(door: DirectDoor, key: str) -> None:
    state = run(key, "url\nhttps://fine-a\n")
    assert state["status"] == "FAILED"
    assert state["error"] == "manifest_not_valid"
    assert door.payloads == []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[CaptureRequest]]:
    """The real direct function, without its browser: what it would have captured."""
    requests: list[CaptureRequest] = []

    async def capture(request: CaptureRequest, *_: Any, **__: Any) -> Any:
        requests.append(request)
        raise NameNotResolved("No such name.")

    monkeypatch.setattr(aws, "start", lambda: None)
    monkeypatch.setattr(service, "capture", capture)
    path = ROOT / "functions" / "direct_invoke" / "handler.py"
    spec = importlib.util.spec_from_file_location("direct_invoke_handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.runtime, "run", asyncio.run)
    return module.handler, requests


def test_the_direct_function_reads_a_row_as_it_reads_a_query(asked: tuple[Any, list[CaptureRequest]]) -> None:
    handler, requests = asked
    cells = {
        "url": "https://a.example",
        "full_page": "true",
        "window_width": "800",
        "selector": "",
        "clip": "",
    }
    answer = handler({"row": cells, "format": "pdf", "store": True, "response_type": "json"}, None)
    (request,) = requests
    assert (request.url, request.full_page, request.window_width) == ("https://a.example", True, 800)
    assert (request.format, request.store, request.selector) == ("pdf", True, None)
    # What the state machine judges by.
    assert answer["code"] == "name_not_resolved"
    assert answer["retryable"] in (True, False)
    assert answer["message"]


def test_an_invalid_row_is_answered_with_its_error_code(asked: tuple[Any, list[CaptureRequest]]) -> None:
    handler, requests = asked
    answer = handler({"row": {"url": "https://a.example", "colour": "red"}}, None)
    assert (answer["code"], answer["retryable"], requests) == ("request_not_valid", False, [])


@pytest.mark.parametrize("own", [{"async": "yes"}, {"webhookUrl": "https://hooks.example/a"}])
@pytest.mark.parametrize("kind", ["row", "line"])
def test_a_row_cannot_be_a_job(
    kind: str, own: dict[str, str], asked: tuple[Any, list[CaptureRequest]]
) -> None:
    """A receipt would count as captured, whatever becomes of the job."""
    handler, requests = asked
    answer = handler({kind: {"url": "https://a.example", **own}, "store": True}, None)
    assert (answer["code"], answer["retryable"], requests) == ("request_not_valid", False, [])


@pytest.mark.parametrize("kind", ["row", "line"])
def test_a_row_wins_by_any_of_an_options_names(kind: str, asked: tuple[Any, list[CaptureRequest]]) -> None:
    handler, requests = asked
    handler(
        {
            kind: {"url": "https://a.example", "width": "40", "Store": "false"},
            "window_width": 90,
            "store": True,
        },
        None,
    )
    assert [(r.window_width, r.store) for r in requests] == [(40, True)]


def test_only_a_row_of_a_bulk_run_waits_for_its_site(
    asked: tuple[Any, list[CaptureRequest]], configure: Callable[..., Settings]
) -> None:
    handler, requests = asked
    configure(MAX_PER_SITE="1", JOBS_TABLE="")
    assert site_limits.configured().take("a.example", 1, 600)
    row = {"line": {"url": "https://www.a.example"}, "bulk": {"run": "r", "row": 3}}
    answer = handler(row, None)
    assert (answer["code"], answer["retryable"], requests) == ("target_busy", True, [])
    assert handler({"url": "https://www.a.example"}, None)["code"] == "name_not_resolved"
    assert len(requests) == 1


@pytest.mark.parametrize(
    "bulk",
    [
        {"run": "../cache", "row": 1},
        {"run": "..", "row": 1},
        {"run": "", "row": 1},
        {"run": "a\nb", "row": 1},
        {"run": "r" * 81, "row": 1},
        {"run": "r", "row": -1},
        {"run": "r", "row": "1"},
        {"row": 1},
        "r",
    ],
)
def test_a_row_cannot_name_an_object_elsewhere(bulk: Any, asked: tuple[Any, list[CaptureRequest]]) -> None:
    handler, requests = asked
    answer = handler({"line": {"url": "https://a.example"}, "bulk": bulk}, None)
    assert (answer["code"], requests) == ("request_not_valid", [])
    assert answer["message"].startswith("bulk:")


def test_the_name_of_an_object_is_not_an_option(asked: tuple[Any, list[CaptureRequest]]) -> None:
    """Only the state machine sends it: neither a row nor a request by itself chooses its object."""
    handler, requests = asked
    for event in (
        {"url": "https://a.example", "bulk": {"run": "r", "row": 1}},
        {"line": {"url": "https://a.example", "bulk": {"run": "r", "row": 1}}},
    ):
        assert handler(event, None)["code"] == "request_not_valid"
    assert requests == []


def test_both_kinds_of_manifest_are_treated_alike() -> None:
    states = definition()["States"]
    csv, jsonl = dict(states["Csv"]), dict(states["Jsonl"])
    assert csv.pop("ItemReader")["ReaderConfig"] == {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    assert jsonl.pop("ItemReader")["ReaderConfig"] == {"InputType": "JSONL"}
    assert csv["ItemSelector"].pop("request") == {"row.$": "$$.Map.Item.Value"}
    assert jsonl["ItemSelector"].pop("request") == {"line.$": "$$.Map.Item.Value"}
    assert (csv.pop("Label"), jsonl.pop("Label")) == ("Csv", "Jsonl")
    assert csv == jsonl


def test_only_temporary_errors_of_lambda_are_retried() -> None:
    capture = definition()["States"]["Csv"]["ItemProcessor"]["States"]["Capture"]
    service, ended = capture["Retry"]
    assert "Lambda.ClientExecutionTimeoutException" in service["ErrorEquals"]
    assert all(error.startswith("Lambda.") for error in service["ErrorEquals"])
    assert service["JitterStrategy"] == "FULL"
    assert (set(ended["ErrorEquals"]), ended["MaxAttempts"]) == ({"Runtime.ExitError", "Lambda.Unknown"}, 1)


def urls(door: DirectDoor) -> list[str]:
    """The addresses that reached the function, in any order."""
    return [(p.get("row") or p["line"])["url"] for p in door.payloads]
