"""Artifacts, the report of a capture, and the result that callers get."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .receipt import Receipt
from .trace import Trace
from .urls import without_credentials, without_userinfo
from .verdict import Verdict

# How many requests a report lists.
_MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class Artifact:
    """Encoded bytes of one format; `width` and `height` are in pixels, None for other formats than images.

    `tile` says which part of a picture it shows. A picture that was cut has its `tiles` and no bytes.
    """

    format: str
    data: bytes
    content_type: str
    extension: str
    width: int | None = None
    height: int | None = None
    tile: dict[str, Any] | None = None
    tiles: tuple[Artifact, ...] = ()


@dataclass(slots=True)
class Target:
    """The requested URL, the final one, and the HTTP status; all None for HTML given in the request."""

    url: str | None = None
    final_url: str | None = None
    status: int | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        # A target appears in responses, logs and storage, so its URLs never carry a password.
        object.__setattr__(self, name, without_userinfo(value) if name in ("url", "final_url") else value)

    def to_json(self) -> dict[str, Any]:
        return {"url": self.url, "final_url": self.final_url, "status": self.status}


@dataclass(slots=True)
class Requests:
    """Requests of the page: the first ones with URL, kind and reason, and the number of all of them."""

    items: list[dict[str, str]] = field(default_factory=list)
    count: int = 0

    def add(self, url: str, kind: str, reason: str) -> None:
        """Count a request; its URL is kept without credentials."""
        self.count += 1
        if len(self.items) < _MAX_LISTED:
            self.items.append({"url": without_credentials(url), "kind": kind, "reason": reason})

    def clear(self) -> None:
        self.items.clear()
        self.count = 0


@dataclass(slots=True)
class CaptureReport:
    """The report of a capture: warnings, facts, and the time of each phase in milliseconds."""

    warnings: list[dict[str, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    target: Target = field(default_factory=Target)
    console: list[str] = field(default_factory=list)
    failed_requests: Requests = field(default_factory=Requests)
    blocked: Requests = field(default_factory=Requests)
    pending: Requests = field(default_factory=Requests)
    # What the page script of `steps.inspection` saw; None when it could not run.
    seen: dict[str, Any] | None = None
    # What `debug` records; None when it was not asked for.
    trace: Trace | None = None
    # How the picture is blank, as a sentence; empty when it is not.
    blank: str = ""
    verdict: Verdict = field(default_factory=Verdict)
    receipt: Receipt = field(default_factory=Receipt)
    # Name, start and end of each phase in the order of their ends, as `time.perf_counter` counts; once the
    # capture has ended, its own come first.
    spans: list[tuple[str, float, float]] = field(default_factory=list)

    def warn(self, code: str, message: str) -> None:
        """Record a failure that does not end the capture; the same warning is recorded once."""
        if not any(w["code"] == code and w["message"] == message for w in self.warnings):
            self.warnings.append({"code": code, "message": message})

    def block(self, url: str, kind: str, reason: str) -> None:
        """Count a blocked request; the first ones are listed."""
        self.facts["blocked_requests"] = self.facts.get("blocked_requests", 0) + 1
        self.blocked.add(url, kind, reason)

    def note(self, key: str, value: Any) -> None:
        """Record a fact; it becomes a field of the report."""
        self.facts[key] = value

    def restart(self) -> None:
        """Clear everything but timings and receipt, because the capture is attempted again."""
        for listed in (self.warnings, self.facts, self.console):
            listed.clear()
        for requests in (self.failed_requests, self.blocked, self.pending):
            requests.clear()
        self.seen, self.blank, self.verdict = None, "", Verdict()
        self.target.final_url = self.target.status = None
        if self.trace is not None:
            self.trace.dom, self.trace.window = "", b""

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of the block to phase `name`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            ended = time.perf_counter()
            self.timings[name] = self.timings.get(name, 0.0) + (ended - started) * 1000
            self.spans.append((name, started, ended))

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.to_json(),
            "warnings": self.warnings,
            "target": self.target.to_json(),
            "timings": {name: round(ms, 1) for name, ms in self.timings.items()},
            **self.facts,
            "receipt": self.receipt.to_json(self.timings),
        }


@dataclass(slots=True)
class Stored:
    """A stored result: its key, a presigned URL with its expiry, and where it lies (`Storage.location`)."""

    key: str
    url: str
    expires_at: datetime
    location: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CaptureResult:
    """The result that callers get: the artifact, or where it is stored, and the report."""

    request_id: str
    artifact: Artifact
    report: CaptureReport
    filename: str
    response_type: str = "by_format"
    stored: Stored | None = None
    cache: str = "off"
    etag: str | None = None
    external_id: str | None = None
    metadata: dict[str, Any] | None = None
    parts: list[CaptureResult] = field(default_factory=list)
    # The HTML file of `debug`.
    bundle: bytes | None = None

    def to_json(self, *, inline: bool = True) -> dict[str, Any]:
        """Pixashot's `{"file", "format"}` and more; `url` instead of `file` when the bytes are stored."""
        artifact = self.artifact
        body: dict[str, Any] = {}
        if self.parts:
            body["outputs"] = [part.to_json(inline=inline and self.stored is None) for part in self.parts]
        elif inline and self.stored is None:
            body["file"] = base64.b64encode(artifact.data).decode("ascii")
        if self.stored is not None:
            body["url"] = self.stored.url
            body["expires_at"] = self.stored.expires_at.isoformat()
            body |= self.stored.location
        body |= {
            "format": artifact.format,
            "content_type": artifact.content_type,
            "width": artifact.width,
            "height": artifact.height,
            "bytes": len(artifact.data),
            **({"tile": artifact.tile} if artifact.tile else {}),
            "filename": self.filename,
            "report": self.report.to_json(),
            "request_id": self.request_id,
        }
        if self.cache != "off":
            body["cache"] = self.cache
        if self.external_id is not None:
            body["external_id"] = self.external_id
        if self.metadata is not None:
            body["metadata"] = self.metadata
        return body
