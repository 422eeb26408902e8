"""The end of every capture: its record, its log line, and requests that never became a capture."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import (
    CaptureError,
    ConcurrencyLimit,
    DeadlineExceeded,
    DestinationBlocked,
    LimitError,
    ServiceError,
)
from ..receipt import Receipt, Size
from ..result import CaptureReport
from . import sinks
from .invocation import Invocation

log = logging.getLogger("stillframe")


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """One capture that ended. `code` is `ok`, `cancelled` or that of the error; `share` is of its time."""

    door: str
    code: str
    ours: bool
    request_id: str
    host: str | None
    cold_start: bool
    cached: bool
    share: float
    delivered: int
    report: CaptureReport

    def values(self) -> dict[str, float]:
        """The metrics of this capture, by the names of `metrics.METRICS`."""
        report, receipt = self.report, self.report.receipt
        size, billed = Size.configured(), receipt.billed_ms
        values: dict[str, float] = {
            "Captures": 1,
            "Faults": int(self.ours),
            "Refusals": int(self.code == ConcurrencyLimit.code),
            "DestinationsBlocked": int(self.code == DestinationBlocked.code),
            "ColdStarts": int(self.cold_start),
            "CacheHits": int(self.cached),
            "Retries": int("retried" in report.facts),
            "GuardDenials": receipt.denials,
            "BytesReceived": receipt.bytes_received,
            "BytesSent": receipt.bytes_sent,
            "BytesDelivered": self.delivered,
            "BrowserMemory": receipt.browser_bytes,
            "ProcessMemory": receipt.process_bytes,
            "DeadlineShare": round(100 * self.share, 1),
            "GBSeconds": round(size.gb_seconds(billed), 6),
            "Cost": round(size.usd(billed), 9),
        }
        return values | {f"{name.title()}Time": round(ms, 1) for name, ms in report.timings.items()}

    def log_fields(self) -> dict[str, Any]:
        """The log line: no URL, whose path and query may hold secrets."""
        return {
            "request_id": self.request_id,
            "door": self.door,
            "code": self.code,
            "host": self.host,
            "cold_start": self.cold_start,
            "verdict": self.report.facts.get("verdict"),
            "receipt": self.report.receipt.to_json(self.report.timings),
        }


_invocation = Invocation()


def begin(started: Invocation) -> None:
    """The Lambda invocation that captures from now on belong to; a process has one at a time."""
    global _invocation
    _invocation = started


def receipt() -> Receipt:
    """The receipt of a capture that starts now, with the time that its invocation has taken already."""
    return _invocation.receipt()


@dataclass(slots=True)
class Ending:
    """How a capture ends. `allowed` are the seconds that it has; without an outcome it was cancelled."""

    door: str
    request_id: str
    allowed: float | None = None
    code: str = "cancelled"
    ours: bool = False
    delivered: int = 0
    cached: bool = False

    def succeeded(self, size: int, *, cached: bool) -> None:
        """The result has `size` bytes."""
        self.code, self.delivered, self.cached = "ok", size, cached

    def failed(self, error: CaptureError) -> None:
        """A deadline counts as the service's fault: an outage looks like deadlines that pass."""
        self.code, self.ours = error.code, isinstance(error, ServiceError | DeadlineExceeded)

    def tell(self, report: CaptureReport) -> None:
        """Log the capture and give it to the sinks."""
        elapsed = report.timings.get("total", 0.0) / 1000
        record = CaptureRecord(
            door=self.door,
            code=self.code,
            ours=self.ours,
            request_id=self.request_id,
            host=_host(report.target.url),
            cold_start=_invocation.cold,
            cached=self.cached,
            share=elapsed / self.allowed if self.allowed else 0.0,
            delivered=self.delivered,
            report=report,
        )
        level = logging.ERROR if self.ours else logging.INFO
        message = "capture done" if self.code == "ok" else "capture failed"
        log.log(level, message, extra=record.log_fields())
        for sink in sinks:
            sink.capture(record)


def rejected(error: CaptureError) -> None:
    """Tell the sinks of an error before a capture; one of the service counts as a failed capture."""
    if error.timings:
        return  # its capture has told of it
    ours = isinstance(error, ServiceError)
    values: dict[str, float] = {
        "Rejections": int(not ours),
        "Refusals": int(isinstance(error, LimitError)),
    }
    if ours:
        values |= {"Captures": 1, "Faults": 1}
    for sink in sinks:
        sink.count(values)


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
