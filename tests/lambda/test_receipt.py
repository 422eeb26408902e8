"""The receipt beside the emulator's own bill, and what every function writes about its captures."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from emulated import PAGE, OnHost
from events import RECORDED, TOKEN, body_of, over_http
from infra.alarms import Metrics, firing
from infra.conftest import ROOT, load
from integration.cloud import INPUT, Cloud, credentials
from moto.server import ThreadedMotoServer
from servers import free_port

DIRECT = "functions.direct_invoke.handler.handler"
HTTP = "functions.http_api.handler.handler"
WANTED = {"html_content": PAGE, "response_type": "json"}


def directly(function: OnHost) -> dict[str, Any]:
    return dict(function.invoke(WANTED))


def by_http(function: OnHost) -> dict[str, Any]:
    return dict(json.loads(body_of(function.invoke(over_http("http_api_v2", "/capture", WANTED)))))


def lines(function: OnHost, bills: int) -> list[str]:
    """The log, once the emulator has written its bill of every invocation."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = function.log().splitlines()
        if sum("REPORT RequestId" in line for line in found) >= bills:
            return found
        time.sleep(0.05)
    raise AssertionError(f"fewer than {bills} reports")


@pytest.mark.parametrize(("handler", "ask"), [(DIRECT, directly), (HTTP, by_http)], ids=["direct", "http"])
def test_the_receipt_is_what_the_emulator_bills_and_each_capture_is_told_of_once(
    on_host: Callable[..., OnHost], handler: str, ask: Callable[[OnHost], dict[str, Any]]
) -> None:
    # Only metrics are written at this level.
    function = on_host(handler, AUTH_TOKEN=TOKEN, LOG_LEVEL="CRITICAL")
    answers = [ask(function) for _ in range(6)]
    receipts = [answer["report"]["receipt"] for answer in answers]
    found = lines(function, len(answers))
    billed = [int(match[1]) for line in found if (match := re.search(r"Billed Duration: (\d+) ms", line))]
    shares = [r["billed_ms"] / bill for r, bill in zip(receipts, billed, strict=True)]
    # The cold one has its initialisation, which the emulator counts as part of the first invocation.
    assert [r["init_ms"] > 0 for r in receipts] == [True, *[False] * 5]
    assert shares[0] == pytest.approx(1, abs=0.15)
    # What comes before the handler and after its answer grows with the load of the machine: the best of five.
    assert max(shares[1:]) == pytest.approx(1, abs=0.05)
    for receipt in receipts:
        assert receipt["gb_seconds"] == pytest.approx(2 * receipt["billed_ms"] / 1000)
        assert receipt["peak_memory"]["browser_bytes"] > 20_000_000
    events = [json.loads(line) for line in found if line.startswith('{"_aws"')]
    told = [event for event in events if "code" in event]
    assert [event["request_id"] for event in told] == [answer["request_id"] for answer in answers]
    assert [event["cold_start"] for event in told] == ["true", *["false"] * 5]
    assert {event["code"] for event in told} == {"ok"}
    assert not [line for line in found if '"message":' in line]


def test_the_log_joins_capture_invocation_and_api(on_host: Callable[..., OnHost]) -> None:
    function = on_host(HTTP, AUTH_TOKEN=TOKEN)
    event = over_http("http_api_v2", "/capture", WANTED)
    answer = json.loads(body_of(function.invoke(event)))
    found = [json.loads(line) for line in lines(function, 1) if '"message":"capture done"' in line]
    (line,) = found
    assert line["request_id"] == answer["request_id"]
    assert line["api_request_id"] == event["requestContext"]["requestId"]
    (report,) = (each for each in lines(function, 1) if "REPORT RequestId" in each)
    assert line["function_request_id"] in report
    assert line["receipt"]["usd"] > 0


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cloud, dict[str, str]]]:
    """AWS on loopback, and the environment of the functions in it."""
    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    access = credentials(f"http://{host}:{port}")
    for name, value in access.items():
        monkeypatch.setenv(name, value)
    made = Cloud(access["AWS_ENDPOINT_URL"])
    environment = access | made.create()
    yield made, environment | {"QUEUE_URL": made.create_queues(), "LOG_LEVEL": "CRITICAL"}
    server.stop()


def told(function: OnHost) -> list[tuple[str, str]]:
    """Door and code of every capture that the log tells of."""
    events = [json.loads(line) for line in lines(function, 1) if line.startswith('{"_aws"')]
    return [(each["door"], each["code"]) for each in events if "code" in each]


def test_the_worker_and_the_drops_tell_of_their_captures_too(
    on_host: Callable[..., OnHost], cloud: tuple[Cloud, dict[str, str]]
) -> None:
    aws, environment = cloud
    worker = on_host("functions.sqs_worker.handler.handler", **environment)
    aws.send(json.dumps({"html_content": PAGE}))
    assert worker.invoke({"Records": aws.receive()}) == {"batchItemFailures": []}
    assert told(worker) == [("queue", "ok")]
    drops = on_host("functions.s3_event.handler.handler", **environment)
    stored = aws.s3.put_object(Bucket=INPUT, Key="input/page.html", Body=PAGE.encode())
    event = json.loads((RECORDED / "s3_eventbridge.json").read_text())
    facts = {"key": "input/page.html", "size": len(PAGE.encode()), "etag": stored["ETag"].strip('"')}
    event["detail"]["object"] |= facts
    assert drops.invoke(event) == {"drops": 1}
    assert told(drops) == [("s3_event", "ok")]
    (report,) = (aws.read_json(key) for key in aws.names() if key.endswith(".report.json"))
    assert report["report"]["receipt"]["usd"] > 0


def test_an_outage_that_is_answered_raises_its_alarm_at_any_log_level(on_host: Callable[..., OnHost]) -> None:
    nowhere = credentials(f"http://127.0.0.1:{free_port()}") | {"STORAGE_URL": "s3://nowhere/output"}
    function = on_host(DIRECT, **nowhere, LOG_LEVEL="CRITICAL", AWS_MAX_ATTEMPTS="1")
    assert function.invoke({"no_such_option": 1})["code"] == "request_not_valid"
    assert function.invoke(WANTED | {"store": True})["code"] == "storage_unavailable"
    metrics = Metrics()
    for line in lines(function, 2):
        if line.startswith('{"_aws"'):
            metrics.receive(0, json.loads(line))
    template = load(ROOT / "infra" / "observability.yaml")
    assert firing(template, {"Service": "stillframe"}, metrics) == {"Outage"}
    rejected = metrics.points["Stillframe", "Rejections", frozenset({("service", "stillframe")})]
    assert [value for _, value in rejected] == [1]
