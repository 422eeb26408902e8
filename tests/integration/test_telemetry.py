"""Metrics and traces arrive at a collector over OTLP."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from stillframe.result import CaptureReport
from stillframe.telemetry.captures import CaptureRecord

pytest.importorskip("opentelemetry.sdk", reason="the extra telemetry is not installed")


class Collector(http.server.ThreadingHTTPServer):
    """Takes what is posted, by path."""

    def __init__(self) -> None:
        self.received: dict[str, bytes] = {}
        super().__init__(("127.0.0.1", 0), Receiver)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        self.server.received[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_capture_arrives_at_a_collector(collector: Collector) -> None:
    from stillframe.telemetry import otel

    sink = otel.from_settings("1", prometheus=False, endpoint=f"http://127.0.0.1:{collector.server_port}/")
    report = CaptureReport(
        timings={"total": 1000, "load": 400}, spans=[("capture", 1.0, 2.0), ("load", 1.1, 1.5)]
    )
    sink.capture(
        CaptureRecord("local", "ok", False, False, "id", "caller", "host", None, False, False, 0.1, 3, report)
    )
    sink.close()
    assert set(collector.received) == {"/v1/metrics", "/v1/traces"}
    assert b"stillframe.captures" in collector.received["/v1/metrics"]
    assert b"load" in collector.received["/v1/traces"]
