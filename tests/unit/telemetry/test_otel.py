"""Metrics and spans of the local server, and the route for Prometheus."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click
import pytest

from stillframe import telemetry
from stillframe.attempt import Captured
from stillframe.cli import serve
from stillframe.errors import BrowserUnavailable
from stillframe.result import CaptureReport
from stillframe.settings import Settings
from stillframe.telemetry.metrics import METRICS

from .captures import PICTURE, Service

pytest.importorskip("opentelemetry.sdk", reason="the extra telemetry is not installed")


@pytest.fixture
def otel(monkeypatch: pytest.MonkeyPatch) -> Any:
    from prometheus_client import CollectorRegistry

    from stillframe.telemetry import otel

    monkeypatch.setattr(otel, "registry", CollectorRegistry())
    return otel


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Service:
    made = Service(monkeypatch, capsys)
    telemetry.sinks.clear()
    return made


def loading(report: CaptureReport) -> Captured:
    with report.phase("load"):
        pass
    with report.phase("shoot"):
        pass
    return PICTURE


def test_prometheus_sees_what_cloudwatch_would(otel: Any, made: Service) -> None:
    telemetry.sinks.append(otel.from_settings("1", prometheus=True, endpoint=""))
    made.capture(loading)
    made.fail(BrowserUnavailable("no"))
    telemetry.count("MemoryKills")
    text = otel.exposition().decode()
    lines = {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line[0] != "#"
    }
    ok = next(value for name, value in lines.items() if "captures" in name and 'code="ok"' in name)
    failed = next(
        v for name, v in lines.items() if "captures" in name and 'code="browser_unavailable"' in name
    )
    assert (ok, failed) == (1, 1)
    assert sum(v for n, v in lines.items() if n.startswith("stillframe_memory_kills_total")) == 1
    assert [v for n, v in lines.items() if n.startswith("stillframe_load_time_milliseconds_count")] == [1]
    assert {n: v for n, v in lines.items() if n.startswith("stillframe_browser_memory_bytes_bucket")}
    assert (
        max(
            float(n.split('le="')[1].split('"')[0])
            for n in lines
            if "memory_bytes_bucket" in n and "+Inf" not in n
        )
        > 1e9
    )
    assert not made.events()


def test_every_metric_has_an_instrument_of_its_own_name(otel: Any) -> None:
    names = {otel._instrument_name(name) for name in METRICS}
    assert len(names) == len(METRICS)
    assert {"stillframe.gb_seconds", "stillframe.bytes_received", "stillframe.api_failures"} <= names


def test_a_capture_is_a_span_with_one_below_it_for_each_phase(otel: Any, made: Service) -> None:
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    telemetry.sinks.append(otel.OtelSink("1", [], [SimpleSpanProcessor(exporter)]))
    made.capture(loading)
    made.fail(BrowserUnavailable("no"))
    load, shoot, whole, failed = exporter.get_finished_spans()
    assert [s.name for s in (load, shoot, whole, failed)] == ["load", "shoot", "capture", "capture"]
    assert load.parent.span_id == shoot.parent.span_id == whole.context.span_id
    assert whole.start_time <= load.start_time <= load.end_time <= shoot.end_time <= whole.end_time
    assert whole.attributes["host"] == "example.com"
    assert (whole.status.is_ok, failed.status.is_ok) == (True, False)
    assert "secret" not in str([s.to_json() for s in (load, shoot, whole, failed)])


def test_the_server_starts_telemetry_only_when_it_is_asked_to(
    otel: Any, made: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve._start_telemetry(Settings())
    assert telemetry.sinks == []
    serve._start_telemetry(Settings(prometheus=True))
    assert [type(sink).__name__ for sink in telemetry.sinks] == ["OtelSink"]
    monkeypatch.delitem(sys.modules, "stillframe.telemetry.otel")
    monkeypatch.delattr(telemetry, "otel")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.metrics", None)
    with pytest.raises(click.ClickException, match=r"stillframe\[telemetry\]"):
        serve._start_telemetry(Settings(prometheus=True))


@pytest.mark.parametrize(("wanted", "status"), [(True, 200), (False, 404)])
def test_the_route_is_there_when_a_setting_asks_for_it(otel: Any, wanted: bool, status: int) -> None:
    import httpx

    from stillframe.api.app import create_app

    app = create_app(config=Settings(prometheus=wanted), local=True)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.get("/metrics")

    response = asyncio.run(ask())
    assert response.status_code == status
    if wanted:
        assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
