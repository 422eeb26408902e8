"""Captures as subsegments of their invocation in X-Ray."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from unit.telemetry.captures import PICTURE, Service

from stillframe import telemetry
from stillframe.attempt import Captured
from stillframe.errors import BrowserUnavailable
from stillframe.result import CaptureReport

pytest.importorskip("aws_xray_sdk", reason="the tracer of Powertools is not installed")
HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


class Emitter:
    """In place of X-Ray's daemon: what would be sent to it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_entity(self, entity: Any) -> None:
        self.sent.append(entity.to_dict())


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emitter]:
    """An invocation that is traced."""
    from aws_xray_sdk import global_sdk_config
    from aws_xray_sdk.core import xray_recorder
    from aws_xray_sdk.core.lambda_launcher import LambdaContext

    emitter = Emitter()
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    monkeypatch.setattr(xray_recorder, "_emitter", emitter)
    monkeypatch.setattr(xray_recorder, "_context", LambdaContext())
    enabled = global_sdk_config.sdk_enabled()
    global_sdk_config.set_sdk_enabled(True)
    monkeypatch.setattr(global_sdk_config, "set_sdk_enabled", lambda value: None)
    yield emitter
    monkeypatch.undo()
    global_sdk_config.set_sdk_enabled(enabled)


def loading(report: CaptureReport) -> Captured:
    with report.phase("load"):
        pass
    with report.phase("shoot"):
        pass
    return PICTURE


def test_a_capture_is_a_subsegment_with_one_below_it_for_each_phase(
    daemon: Emitter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from stillframe.telemetry.xray import XRaySink

    made = Service(monkeypatch, capsys)
    telemetry.sinks.append(XRaySink())
    made.capture(loading)
    made.fail(BrowserUnavailable("no"))
    phases = [s for s in daemon.sent if s["name"] != "capture"]
    done, failed = (s for s in daemon.sent if s["name"] == "capture")
    below = phases or done["subsegments"]
    assert [s["name"] for s in below] == ["load", "shoot"]
    assert done["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert done["parent_id"] == "53995c3f42cd8ad8"
    assert done["start_time"] <= below[0]["start_time"] <= below[1]["end_time"] <= done["end_time"]
    assert done["annotations"]["code"] == "ok"
    assert done["annotations"]["host"] == "example.com"
    assert done["metadata"]["stillframe"]["receipt"]["usd"] > 0
    assert (done.get("fault"), failed["fault"]) == (None, True)
    assert "secret" not in str(daemon.sent)
