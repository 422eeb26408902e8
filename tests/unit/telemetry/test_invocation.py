"""The invocation that log lines and receipts belong to."""

from __future__ import annotations

import types
from typing import Any

import pytest

from stillframe import aws
from stillframe.telemetry import captures

CONTEXT = types.SimpleNamespace(aws_request_id="lambda-1")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that has been initialised for 900 ms."""
    monkeypatch.setattr(aws, "_init_ms", 900.0)
    monkeypatch.setattr(captures, "_invocation", captures.Invocation())


@aws.invocation
def handler(event: Any, context: Any) -> tuple[bool, float, dict[str, Any]]:
    return captures._invocation.cold, captures._invocation.init_ms, aws.logger.get_current_keys()


def test_the_first_invocation_is_cold_and_the_second_is_not() -> None:
    assert handler({}, CONTEXT)[:2] == (True, 900.0)
    assert handler({}, CONTEXT)[:2] == (False, 0.0)


def test_an_environment_that_waits_for_its_first_call_is_never_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency")
    assert handler({}, CONTEXT)[:2] == (False, 0.0)


@pytest.mark.parametrize(
    ("event", "api"),
    [
        ({"requestContext": {"requestId": "api-1"}}, "api-1"),
        ({"url": "https://example.com/"}, None),
        ({"requestContext": "text"}, None),
        (["no object"], None),
    ],
)
def test_log_lines_carry_the_ids_of_lambda_and_of_the_api(event: Any, api: str | None) -> None:
    keys = handler(event, CONTEXT)[2]
    assert (keys["function_request_id"], keys["api_request_id"]) == ("lambda-1", api)


def test_the_age_of_the_process_is_that_of_its_start() -> None:
    age = aws._process_age_ms()
    assert 0 <= aws._process_age_ms() - age < 60_000
    assert age > 0


@pytest.mark.parametrize("name", ["direct_invoke", "http_api", "s3_event", "sqs_worker"])
def test_every_handler_with_a_browser_begins_an_invocation(name: str) -> None:
    from pathlib import Path

    source = Path(__file__).parents[3].joinpath("functions", name, "handler.py").read_text("utf-8")
    assert "\n@aws.invocation\ndef handler(" in source
