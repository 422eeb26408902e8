"""The HTTP API without a browser: what keeps it fast, and one invocation per request."""

from __future__ import annotations

import base64
import inspect
import json
import types
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import JSONResponse

from stillframe import receipt
from stillframe.api import auth
from stillframe.api.app import ROUTERS, create_app
from stillframe.api.invocation import Invocation
from stillframe.api.responses import respond
from stillframe.doors import ALB, FUNCTION_URL, HTTP_API, LOCAL, Door
from stillframe.result import Artifact, CaptureReport, CaptureResult, Stored
from stillframe.settings import Settings

DATA = bytes(range(256)) * 5


def result(**fields: object) -> CaptureResult:
    report = CaptureReport()
    report.target.final_url = 'http://127.0.0.1/ü?a="b"'
    artifact = Artifact("png", DATA, "image/png", "png", 4, 3)
    return CaptureResult("id", artifact, report, "bild-ü.png", response_type="json", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"external_id": "é\n"},
        {"metadata": {"title": "</script>"}},
        {"stored": Stored("k", "http://127.0.0.1/k", datetime(2026, 1, 1, tzinfo=UTC))},
    ],
)
def test_a_json_answer_is_what_json_would_write(
    fields: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The receipt of each writing has the time until then.
    monkeypatch.setattr(receipt, "time", types.SimpleNamespace(perf_counter=lambda: 0.0))
    made = result(**fields)
    assert respond(made).body == JSONResponse(made.to_json()).body


def test_several_files_are_answered_as_json() -> None:
    made = result(parts=[result(), result()])
    body = json.loads(respond(made).body)
    assert [base64.b64decode(part["file"]) for part in body["outputs"]] == [DATA, DATA]


def test_no_route_or_dependency_needs_a_thread() -> None:
    endpoints = [route.endpoint for router in ROUTERS for route in router.routes]  # type: ignore[attr-defined]
    assert len(endpoints) > 10
    assert [f for f in [auth.authenticate, *endpoints] if not inspect.iscoroutinefunction(f)] == []


class LambdaContext:
    """The part of the Lambda context that gives the time left."""

    milliseconds = 9_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def invocation(door: Door = LOCAL, **scope: Any) -> Invocation:
    app = create_app(door, config=Settings(public_url=scope.pop("public_url", "")))
    server = {"scheme": "https", "server": ("capture.example", 443), "path": "/capture", "headers": []}
    return Invocation.start(
        Request({"type": "http", "app": app, "client": ("192.0.2.7", 5)} | server | scope)
    )


EVENTS: list[tuple[dict[str, Any], Door]] = [
    ({"requestContext": {"elb": {"targetGroupArn": "arn"}}}, ALB),
    ({"requestContext": {"domainName": "x.lambda-url.eu-central-1.on.aws"}}, FUNCTION_URL),
    ({"requestContext": {"domainName": "x.execute-api.eu-central-1.amazonaws.com"}}, HTTP_API),
    ({}, HTTP_API),
]


@pytest.mark.parametrize(("event", "door"), EVENTS)
def test_the_lambda_event_identifies_the_door(event: dict[str, Any], door: Door) -> None:
    assert invocation(LOCAL, **{"aws.event": event}).door is door


def test_without_a_lambda_event_the_door_is_that_of_the_application() -> None:
    assert invocation(FUNCTION_URL).door is FUNCTION_URL


def test_the_base_url_is_public_url_or_the_address_of_the_request() -> None:
    assert invocation().base_url == "https://capture.example"
    assert invocation(public_url="https://shots.example/").base_url == "https://shots.example"


def test_the_time_left_is_read_anew_and_only_lambda_has_one() -> None:
    assert invocation().seconds_left is None
    context = LambdaContext()
    on_lambda = invocation(**{"aws.context": context})
    first = on_lambda.seconds_left
    context.milliseconds = 5_000
    assert first is not None
    assert on_lambda.seconds_left == first - 4


def test_the_client_address_is_that_of_the_connection() -> None:
    assert invocation().client_address == "192.0.2.7"
    assert invocation(client=None).client_address == "unknown"
    assert invocation().request_id != invocation().request_id
