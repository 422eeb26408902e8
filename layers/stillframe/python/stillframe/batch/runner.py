"""Capture the rows of a manifest on this machine, several at once, and record each outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_exponential_jitter

from .. import service, site_limits
from ..deadline import Deadline
from ..doors import CLI
from ..errors import CaptureError, RequestNotValid, TargetBusy
from ..request import CaptureRequest, parse
from ..result import CaptureResult
from ..settings import settings
from .manifest import Row
from .results_log import ResultsLog

_SITE_POLL_SECONDS = 0.5
# Seconds before a row is retried: 1, 2, 4 … plus a random part, so that rows are not retried together.
_BACKOFF = wait_exponential_jitter(max=30, jitter=1)


@dataclass(slots=True)
class BatchRun:
    """One run: `concurrency` captures at a time, each with up to `tries` attempts. It counts the outcomes."""

    results: ResultsLog
    concurrency: int
    tries: int = 2
    retry_failed: bool = False
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    skipped: int = 0
    done: int = 0
    failed: int = 0

    async def run(self, rows: Iterator[Row], on_row: Callable[[], object]) -> None:
        """Capture the rows and call `on_row` after each."""

        async def worker() -> None:
            for row in rows:
                await self._handle(row)
                on_row()

        async with asyncio.TaskGroup() as group:
            for _ in range(self.concurrency):
                group.create_task(worker())

    async def _handle(self, row: Row) -> None:
        if self.results.is_done(row, retry_failed=self.retry_failed):
            self.skipped += 1
            return
        try:
            if row.error is not None:
                raise row.error
            await self.capture(row)
            self.done += 1
        except CaptureError as error:
            self.results.add_failed(row, error)
            self.failed += 1

    async def capture(self, row: Row) -> None:
        """Capture a row and record its result. Raises CaptureError."""
        request: CaptureRequest = parse(row.request)
        refuse_jobs({"async": request.async_, "webhook_url": request.webhook_url})
        request = request.model_copy(update={"response_type": "by_format", "store": False})
        result, attempts = await self._capture_in_turn(request)
        facts = {
            "format": result.artifact.format,
            "width": result.artifact.width,
            "height": result.artifact.height,
            "target_status": result.report.target.status,
            "attempts": attempts,
            "warnings": [w["code"] for w in result.report.warnings],
            "receipt": result.report.receipt.to_json(result.report.timings),
        }
        self.results.add_done(row, result.artifact.data, result.artifact.extension, facts)

    async def _capture_in_turn(self, request: CaptureRequest) -> tuple[CaptureResult, int]:
        """Capture when the site has a place; the wait does not count as time of the request."""
        while True:
            try:
                async with site_limits.place(request.url, None):
                    return await self._capture_with_retries(request)
            except TargetBusy:
                await self.sleep(_SITE_POLL_SECONDS)

    async def _capture_with_retries(self, request: CaptureRequest) -> tuple[CaptureResult, int]:
        """The result and the number of attempts. Raises CaptureError.

        All attempts and pauses together take at most `tries` times the request's timeout.
        """
        seconds = self.tries * (request.timeout or settings().default_timeout_ms) / 1000
        deadline = Deadline.after(seconds)
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.tries) | stop_before_delay(seconds),
            wait=_pause,
            retry=retry_if_exception(_is_retryable),
            sleep=self.sleep,
            reraise=True,
        )

        async def once() -> CaptureResult:
            return await service.capture(request, CLI, seconds=deadline.remaining(), caller="cli")

        result: CaptureResult = await retrying(once)
        return result, retrying.statistics["attempt_number"]


def refuse_jobs(request: dict[str, Any]) -> None:
    """Raise RequestNotValid for a row that asks for a job, which has no file to write."""
    if request.get("webhook_url") or request.get("async"):
        raise RequestNotValid("async and webhook_url are for single captures; a batch writes files.")


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, CaptureError) and error.retryable


def _pause(state: RetryCallState) -> float:
    """The backoff, or the error's `retry_after` if that is longer."""
    error = state.outcome.exception() if state.outcome else None
    return max(_BACKOFF(state), float(getattr(error, "retry_after", None) or 0))
