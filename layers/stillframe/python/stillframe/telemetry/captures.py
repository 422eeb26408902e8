"""The end of every capture: its record, its log line, and requests that never became a capture."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..doors import HTTP_API
from ..errors import (
    CaptureError,
    ConcurrencyLimit,
    DeadlineExceeded,
    DestinationBlocked,
    LimitError,
    ServiceError,
    TargetBusy,
)
from ..receipt import Receipt, Size
from ..result import CaptureReport
from . import count, sinks
from .invocation import Invocation

log = logging.getLogger("stillframe")

# A deadline that passes here is the service's fault; in the other phases it is most often a slow page.
_OUR_PHASES = {"start", "cache", "source", "queue", "launch", "lease", "configure", "encode", "store"}


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """One capture that ended. `code` is `ok`, `cancelled` or that of the error; `share` is of its time."""

    door: str
    code: str
    failed: bool
    ours: bool
    request_id: str
    caller: str
    host: str | None
    # The type of the exception behind the error; its text may hold a URL.
    cause: str | None
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
            "Failures": int(self.failed),
            "Faults": int(self.ours),
            # The supervisor counts them. Outage compares them, and an absent metric compares with nothing.
            "MemoryKills": 0,
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
            "GBSeconds": round(size.gb_seconds(billed), 6),
            "Cost": round(size.usd(billed), 9),
        }
        if self.code != "cancelled":  # such a capture goes on as a job, or nobody waits for it
            values["DeadlineShare"] = round(100 * self.share, 1)
        return values | {f"{name.title()}Time": round(ms, 1) for name, ms in report.timings.items()}

    def spans(self) -> Iterator[tuple[str, float, float]]:
        """The capture itself and each of its phases, with start and end in seconds since the epoch."""
        offset = time.time() - time.perf_counter()
        for name, started, ended in self.report.spans:
            yield name, offset + started, offset + ended

    def log_fields(self) -> dict[str, Any]:
        """The log line: no URL, whose path and query may hold secrets."""
        return {
            "request_id": self.request_id,
            "door": self.door,
            "caller": self.caller,
            "code": self.code,
            "host": self.host,
            "cause": self.cause,
            "cold_start": self.cold_start,
            "verdict": self.report.verdict.line(),
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
    """How a capture ends; without an outcome it was cancelled.

    `limit` are the seconds that door and environment allow, whatever the request asks for; infinite locally.
    """

    door: str
    request_id: str
    caller: str
    limit: float
    code: str = "cancelled"
    error: CaptureError | None = None
    delivered: int = 0
    cached: bool = False

    def succeeded(self, size: int, *, cached: bool) -> None:
        """The result has `size` bytes."""
        self.code, self.delivered, self.cached = "ok", size, cached

    def failed(self, error: CaptureError) -> None:
        """The capture raised this error."""
        self.code, self.error = error.code, error

    def tell(self, report: CaptureReport) -> None:
        """Log the capture and give it to the sinks."""
        elapsed = report.timings.get("total", 0.0) / 1000
        record = CaptureRecord(
            door=self.door,
            code=self.code,
            failed=self.error is not None and self.error.status >= 500,
            ours=self.error is not None and _is_ours(self.error),
            request_id=self.request_id,
            caller=self.caller,
            host=_host(report.target.url),
            cause=_cause(self.error),
            cold_start=_invocation.cold,
            cached=self.cached,
            share=elapsed / self.limit if self.limit > 0 else 0.0,
            delivered=self.delivered,
            report=report,
        )
        level = logging.ERROR if record.ours else logging.INFO
        message = "capture done" if self.code == "ok" else "capture failed"
        log.log(level, message, extra=record.log_fields())
        for sink in sinks:
            sink.capture(record)


def rejected(error: CaptureError) -> None:
    """Tell the sinks of an error before a capture; one of the service counts as a failed capture."""
    if error.timings:
        return  # its capture has told of it
    ours = _is_ours(error)
    values: dict[str, float] = {
        "Rejections": int(not ours),
        # A row that waits for its site asks again by itself, a hundred thousand times in a run.
        "Refusals": int(isinstance(error, LimitError) and not isinstance(error, TargetBusy)),
    }
    if ours:
        values |= {"Captures": 1, "Failures": 1, "Faults": 1, "MemoryKills": 0}
    for sink in sinks:
        sink.count(values)


def answered(door: str, status: int) -> None:
    """Tell the sinks of an HTTP answer of 500 or more, which API Gateway counts too."""
    if door == HTTP_API.name and status >= 500:
        count("ApiFailures")


def _is_ours(error: CaptureError) -> bool:
    late = isinstance(error, DeadlineExceeded) and error.phase in _OUR_PHASES
    return late or isinstance(error, ServiceError)


def _cause(error: CaptureError | None) -> str | None:
    return type(error.__cause__).__name__ if error is not None and error.__cause__ else None


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
