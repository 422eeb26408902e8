"""Metrics and traces of a server by OpenTelemetry: a page for Prometheus, and OTLP to a collector.

The packages are the extra `telemetry`; `stillframe serve` imports this module when a setting asks for it.
"""

from __future__ import annotations

import re
from typing import Any

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode, Tracer, set_span_in_context
from prometheus_client import CollectorRegistry, generate_latest

from .captures import CaptureRecord
from .metrics import COUNT, METRICS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# The units of OpenTelemetry, which are those of UCUM.
_UNITS = {"Count": "1", "Milliseconds": "ms", "Seconds": "s", "Bytes": "By", "Percent": "%", "None": "1"}
# Bounds of the histograms' buckets; the SDK's own end at 10,000, whatever the unit.
_BOUNDARIES: dict[str, list[float]] = {
    "ms": [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000],
    "s": [1, 5, 15, 60, 300, 900, 3_600],
    "By": [10_000, 100_000, 500_000, 1e6, 5e6, 1e7, 5e7, 1e8, 2e8, 4e8, 8e8, 1.6e9, 3.2e9],
    "%": [10, 25, 50, 75, 80, 90, 100],
}
# Sums that are no counts of events.
_SUMS = {"Cost", "GBSeconds"}


class OtelSink:
    """One instrument for each metric: counters for counts and sums, histograms for the rest."""

    def __init__(self, version: str, readers: list[MetricReader], processors: list[SpanProcessor]) -> None:
        resource = Resource.create({SERVICE_NAME: "stillframe", SERVICE_VERSION: version})
        self._meters = MeterProvider(readers, resource)
        self._tracers = TracerProvider(resource=resource)
        for processor in processors:
            self._tracers.add_span_processor(processor)
        self._tracer = self._tracers.get_tracer("stillframe") if processors else None
        meter = self._meters.get_meter("stillframe")
        self._counters: dict[str, Any] = {}
        self._histograms: dict[str, Any] = {}
        for name, metric in METRICS.items():
            unit, instrument = _UNITS[metric.unit], _instrument_name(name)
            if metric.unit == COUNT or name in _SUMS:
                self._counters[name] = meter.create_counter(instrument, unit, metric.meaning)
            else:
                self._histograms[name] = meter.create_histogram(
                    instrument, unit, metric.meaning, explicit_bucket_boundaries_advisory=_BOUNDARIES[unit]
                )

    def capture(self, record: CaptureRecord) -> None:
        attributes = {"door": record.door, "code": record.code, "cold_start": record.cold_start}
        for name, value in record.values().items():
            self._record(name, value, attributes if name == "Captures" else {"door": record.door})
        if self._tracer is not None:
            self._trace(self._tracer, record, attributes)

    def count(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._record(name, value, {})

    def _record(self, name: str, value: float, attributes: dict[str, Any]) -> None:
        if name in self._counters:
            self._counters[name].add(value, attributes)
        elif name in self._histograms:
            self._histograms[name].record(value, attributes)

    def _trace(self, tracer: Tracer, record: CaptureRecord, attributes: dict[str, Any]) -> None:
        """A span of the capture, with one for each phase below it; `host` is the target without its path."""
        (name, start, end), *phases = record.spans()
        facts = attributes | {"request_id": record.request_id, "host": record.host or ""}
        whole = tracer.start_span(name, attributes=facts, start_time=_nanoseconds(start))
        if record.failed:
            whole.set_status(Status(StatusCode.ERROR, record.code))
        context = set_span_in_context(whole)
        for phase, phase_start, phase_end in phases:
            span = tracer.start_span(phase, context, start_time=_nanoseconds(phase_start))
            span.end(_nanoseconds(phase_end))
        whole.end(_nanoseconds(end))

    def close(self) -> None:
        """Send what is left."""
        self._meters.shutdown()
        self._tracers.shutdown()


registry = CollectorRegistry()


def from_settings(version: str, *, prometheus: bool, endpoint: str) -> OtelSink:
    """The sink of a server. The SDK reads further variables itself, such as OTEL_EXPORTER_OTLP_HEADERS."""
    readers: list[MetricReader] = [PrometheusMetricReader(registry=registry)] if prometheus else []
    processors: list[SpanProcessor] = []
    if endpoint:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        base = endpoint.rstrip("/")
        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter(f"{base}/v1/metrics")))
        processors.append(BatchSpanProcessor(OTLPSpanExporter(f"{base}/v1/traces")))
    return OtelSink(version, readers, processors)


def exposition() -> bytes:
    """Every metric in the format of Prometheus."""
    return bytes(generate_latest(registry))


def _instrument_name(name: str) -> str:
    return "stillframe." + re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=GB)(?=S)", "_", name).lower()


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
