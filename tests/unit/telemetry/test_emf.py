"""Every capture writes one event in the embedded metric format, and one line to the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from stillframe import doors, telemetry
from stillframe.attempt import Captured
from stillframe.doors import Door
from stillframe.errors import (
    BrowserUnavailable,
    DeadlineExceeded,
    NetworkError,
    NotConfigured,
    RateLimited,
    RequestNotValid,
)
from stillframe.result import CaptureReport
from stillframe.telemetry import captures
from stillframe.telemetry.captures import rejected
from stillframe.telemetry.invocation import Invocation
from stillframe.telemetry.metrics import METRICS

from .captures import PICTURE, Service


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Service:
    return Service(monkeypatch, capsys)


def busy_page(report: CaptureReport) -> Captured:
    """A page with two denied hosts, attempted twice."""
    report.timings |= {"queue": 0.0, "load": 120.0, "shoot": 30.0}
    report.receipt.add_traffic(5000, 400, 7, 2)
    report.receipt.note_memory(300_000_000, 90_000_000)
    report.note("retried", "load")
    return PICTURE


def test_a_capture_writes_one_event_with_all_that_it_used(made: Service) -> None:
    made.capture(busy_page)
    (event,) = made.events()
    values = {name: value[0] for name, value in event.items() if isinstance(value, list)}
    assert values["Captures"] == values["Retries"] == 1
    assert values["Faults"] == values["CacheHits"] == values["ColdStarts"] == 0
    assert values["GuardDenials"] == 2
    assert (values["BytesReceived"], values["BytesSent"], values["BytesDelivered"]) == (5000, 400, 7)
    assert (values["BrowserMemory"], values["ProcessMemory"]) == (300_000_000, 90_000_000)
    assert (values["QueueTime"], values["LoadTime"], values["ShootTime"]) == (0, 120, 30)
    assert values["Cost"] > 0
    assert event["request_id"] == "capture-1"
    whole, detail = event["_aws"]["CloudWatchMetrics"]
    assert (whole["Namespace"], whole["Dimensions"], event["service"]) == (
        "Stillframe",
        [["service"]],
        "stack",
    )
    assert {m["Name"]: m["Unit"] for m in whole["Metrics"]} == {n: METRICS[n].unit for n in values}
    assert sorted(detail["Dimensions"][0]) == ["code", "cold_start", "door", "service"]
    assert [m["Name"] for m in detail["Metrics"]] == ["Captures"]
    assert (event["door"], event["code"], event["cold_start"]) == ("direct_invoke", "ok", "false")


@pytest.mark.parametrize(
    "door",
    [doors.HTTP_API, doors.FUNCTION_URL, doors.ALB, doors.DIRECT, doors.LOCAL, doors.CLI],
    ids=lambda d: d.name,
)
def test_failures_are_counted_by_code_on_every_door(made: Service, door: Door) -> None:
    made.fail(BrowserUnavailable("no"), door)
    (event,) = made.events()
    assert (event["Captures"], event["Faults"]) == ([1], [1])
    assert (event["code"], event["door"]) == ("browser_unavailable", door.name)


def test_faults_are_the_failures_that_no_target_and_no_caller_caused(made: Service) -> None:
    made.fail(DeadlineExceeded("launch"))
    made.fail(DeadlineExceeded("load"))
    made.fail(NetworkError("no"))
    made.fail(RequestNotValid("no"))
    counted = [(event["Failures"], event["Faults"]) for event in made.events()]
    assert counted == [([1], [1]), ([1], [0]), ([1], [0]), ([0], [0])]


def test_an_error_before_the_capture_counts_once(made: Service) -> None:
    error = NotConfigured("no token")
    rejected(error)
    rejected(RateLimited("slow down"))
    made.fail(error)
    rejected(error)  # the door answers with the error of the capture
    first, second, third = made.events()
    assert (first["Captures"], first["Faults"], first["Rejections"]) == ([1], [1], [0])
    assert (second["Refusals"], second["Rejections"]) == ([1], [1])
    assert "Captures" not in second
    assert third["code"] == "not_configured"


@pytest.fixture
def level() -> Iterator[None]:
    """The level of the log is the test's."""
    before = captures.log.level
    yield
    captures.log.setLevel(before)


def test_no_log_level_silences_a_metric(made: Service, level: None) -> None:
    captures.log.setLevel(logging.CRITICAL)
    made.fail(BrowserUnavailable("no"))
    telemetry.count("BrowserRestarts")
    assert [sorted(e.keys() & {"Faults", "BrowserRestarts"}) for e in made.events()] == [
        ["Faults"],
        ["BrowserRestarts"],
    ]


def test_the_first_capture_of_an_environment_is_cold_and_pays_for_the_start(
    made: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    invocation = Invocation(cold=True, started=0.0, init_ms=1500.0)
    monkeypatch.setattr(captures, "_invocation", invocation)
    first = made.capture().report.to_json()["receipt"]
    assert (first["init_ms"], invocation.started) == (1500, None)
    assert first["billed_ms"] > 1500
    # A second capture of the same invocation starts when it starts, and is still of a cold environment.
    assert made.capture().report.to_json()["receipt"]["init_ms"] == 0
    assert [(e["cold_start"], e["ColdStarts"]) for e in made.events()] == [("true", [1])] * 2


class Lines(logging.Handler):
    """The log lines about captures, whatever other handlers this process has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(vars(record))


def test_the_log_has_one_line_for_each_capture_without_path_or_query(
    made: Service, monkeypatch: pytest.MonkeyPatch, level: None
) -> None:
    lines = Lines()
    monkeypatch.setattr(captures.log, "handlers", [lines])
    captures.log.setLevel(logging.INFO)
    made.capture(busy_page)
    error = BrowserUnavailable("no")
    error.__cause__ = ValueError("a secret of the page")
    made.fail(error)
    done, failed = lines.found
    assert failed["cause"] == "ValueError"
    assert (done["levelname"], failed["levelname"]) == ("INFO", "ERROR")
    for line, code in ((done, "ok"), (failed, "browser_unavailable")):
        assert (line["request_id"], line["door"], line["code"]) == ("capture-1", "direct_invoke", code)
        assert line["host"] == "example.com"
        assert line["receipt"]["usd"] > 0
        assert "verdict" in line
        assert "secret" not in str(line)
        assert "private" not in str(line)


@pytest.mark.usefixtures("in_memory")
def test_a_cached_result_has_a_receipt_of_its_own_and_counts_as_one(made: Service) -> None:
    def page(report: CaptureReport) -> Captured:
        report.receipt.add_traffic(5000, 400, 7, 0)
        return PICTURE

    fresh, cached = (made.capture(page, cache=True) for _ in range(2))
    assert (fresh.cache, cached.cache) == ("MISS", "HIT")
    receipt = cached.report.to_json()["receipt"]
    assert receipt["bytes_received"] == 0
    assert set(receipt["phases"]) == {"total"}
    assert [event["CacheHits"] for event in made.events()] == [[0], [1]]
