"""Captures through the real service, with a stand-in for the browser, and the events that they write."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from stillframe import service, telemetry
from stillframe.attempt import Captured
from stillframe.doors import DIRECT, Door
from stillframe.errors import CaptureError
from stillframe.request import parse
from stillframe.result import Artifact, CaptureReport, CaptureResult
from stillframe.telemetry.emf import EmfSink

URL = {"url": "https://user:secret@example.com/private?token=secret"}
PICTURE = Captured([Artifact("png", b"picture", "image/png", "png", 4, 3)], None)
Page = Callable[[CaptureReport], Captured]


class Browser:
    """In place of the runtime: runs what would run on the browser's loop."""

    async def arun(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await work


class Service:
    """The service with one sink of Lambda's; `page` fills the report and returns or raises."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.setattr(telemetry, "sinks", [])
        monkeypatch.setattr("stillframe.telemetry.captures.sinks", telemetry.sinks)
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "stack")
        monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Stillframe")
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        telemetry.sinks.append(EmfSink())

    def capture(
        self, page: Page = lambda report: PICTURE, door: Door = DIRECT, **options: Any
    ) -> CaptureResult:
        """One capture. Raises what the service raises."""

        async def run(browser: Any, request: Any, deadline: Any, report: CaptureReport, caller: str) -> Any:
            return page(report)

        self._monkeypatch.setattr(service.retry, "run", run)
        work = service.capture(parse(URL | options), door, request_id="capture-1", browser=Browser())  # type: ignore[arg-type]
        return asyncio.run(work)

    def fail(self, error: CaptureError, door: Door = DIRECT) -> None:
        """One capture that ends with this error."""

        def page(report: CaptureReport) -> Captured:
            raise error

        with pytest.raises(type(error)):
            self.capture(page, door)

    def events(self) -> list[dict[str, Any]]:
        """The events written since the last call."""
        lines = self._capsys.readouterr().out.splitlines()
        return [event for line in lines if "_aws" in (event := json.loads(line))]
