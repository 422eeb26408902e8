"""What the HTTP door owes to the milliseconds: no thread for a request, and JSON that is not searched for nothing."""

from __future__ import annotations

import base64
import inspect
import json
from datetime import UTC, datetime

import pytest
from fastapi.responses import JSONResponse

from stillframe.api import auth
from stillframe.api.app import ROUTERS
from stillframe.api.responses import respond
from stillframe.result import Artifact, CaptureReport, CaptureResult, Stored

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
def test_a_json_answer_is_what_json_would_write(fields: dict[str, object]) -> None:
    made = result(**fields)
    assert respond(made).body == JSONResponse(made.to_json()).body


def test_several_files_are_json_too() -> None:
    made = result(parts=[result(), result()])
    body = json.loads(respond(made).body)
    assert [base64.b64decode(part["file"]) for part in body["outputs"]] == [DATA, DATA]


def test_nothing_on_the_way_of_a_request_needs_a_thread() -> None:
    endpoints = [route.endpoint for router in ROUTERS for route in router.routes]  # type: ignore[attr-defined]
    assert len(endpoints) > 10
    assert [f for f in [auth.authenticate, *endpoints] if not inspect.iscoroutinefunction(f)] == []
