"""What `debug: true` records while a capture runs, beside its report: requests, console, DOM and window."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from .urls import text_without_credentials, without_credentials

_MOST = 1_000
_MAX_TEXT = 1_000


@dataclass(slots=True)
class Traced:
    """One request of the page; times are milliseconds since the capture began."""

    url: str
    kind: str
    started: float
    status: int | None = None
    answered: float | None = None
    ended: float | None = None
    failure: str = ""


@dataclass(slots=True)
class Trace:
    """The record of one capture; a second attempt adds to it. `window` is a JPEG of the window."""

    began: float = field(default_factory=time.perf_counter)
    requests: dict[Any, Traced] = field(default_factory=dict)
    console: list[tuple[float, str, str]] = field(default_factory=list)
    dom: str = ""
    window: bytes = b""

    def now(self) -> float:
        return (time.perf_counter() - self.began) * 1000

    def requested(self, request: Any, url: str, kind: str) -> None:
        """Record that a request begins; `request` is any object that stands for it."""
        if len(self.requests) < _MOST:
            self.requests[request] = Traced(without_credentials(url), kind, self.now())

    def answered(self, request: Any, status: int) -> None:
        if found := self.requests.get(request):
            found.status, found.answered = status, self.now()

    def ended(self, request: Any, failure: str = "") -> None:
        if found := self.requests.get(request):
            found.ended, found.failure = self.now(), failure

    def logged(self, kind: str, text: str) -> None:
        if len(self.console) < _MOST:
            self.console.append((self.now(), kind, text_without_credentials(text[:_MAX_TEXT])))
