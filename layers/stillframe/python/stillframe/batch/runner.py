"""Every row of a manifest on this machine: some at once, each answered once, whatever interrupts the run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_exponential_jitter

from .. import service
from ..deadline import Deadline
from ..doors import CLI
from ..errors import CaptureError, RequestNotValid
from ..request import CaptureRequest, parse
from ..result import CaptureResult
from ..settings import settings
from .manifest import Row
from .results_log import Ledger

# Seconds before a row is tried again: 1, 2, 4 …, and up to one more, so that rows do not come back together.
_BACKOFF = wait_exponential_jitter(max=30, jitter=1)


@dataclass(slots=True)
class Bulk:
    """One run: `at_once` captures, each tried `tries` times when that may help."""

    ledger: Ledger
    at_once: int
    tries: int = 2
    failed_again: bool = False
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    skipped: int = 0
    done: int = 0
    failed: int = 0

    async def run(self, rows: Iterator[Row], tell: Callable[[], object]) -> None:
        """Work through the rows; `tell` is called after each."""

        async def worker() -> None:
            for row in rows:
                await self._answer(row)
                tell()

        async with asyncio.TaskGroup() as group:
            for _ in range(self.at_once):
                group.create_task(worker())

    async def _answer(self, row: Row) -> None:
        if self.ledger.answered(row, failed_again=self.failed_again):
            self.skipped += 1
            return
        try:
            await self._capture(row)
            self.done += 1
        except CaptureError as error:
            self.ledger.failed(row, error)
            self.failed += 1

    async def _capture(self, row: Row) -> None:
        if row.error is not None:
            raise row.error
        request: CaptureRequest = parse(row.request)
        if request.webhook_url or request.async_:
            raise RequestNotValid("async and webhook_url need the service; a local batch writes files.")
        request = request.model_copy(update={"response_type": "by_format", "store": False})
        result, attempts = await self._tried(request)
        facts = {
            "format": result.artifact.format,
            "width": result.artifact.width,
            "height": result.artifact.height,
            "target_status": result.report.target.status,
            "attempts": attempts,
            "warnings": [w["code"] for w in result.report.warnings],
        }
        self.ledger.done(row, result.artifact.data, result.artifact.extension, facts)

    async def _tried(self, request: CaptureRequest) -> tuple[CaptureResult, int]:
        """The result and the attempts it took, pauses and all within `tries` times the time of one. Raises CaptureError."""
        seconds = self.tries * (request.timeout or settings().default_timeout_ms) / 1000
        deadline = Deadline.after(seconds)
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.tries) | stop_before_delay(seconds),
            wait=_pause,
            retry=retry_if_exception(_may_pass),
            sleep=self.sleep,
            reraise=True,
        )

        async def once() -> CaptureResult:
            return await service.capture(request, CLI, seconds=deadline.remaining())

        result: CaptureResult = await retrying(once)
        return result, retrying.statistics["attempt_number"]


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, CaptureError) and error.retryable


def _pause(state: RetryCallState) -> float:
    """The backoff, or what the error itself asks for when that is longer."""
    error = state.outcome.exception() if state.outcome else None
    return max(_BACKOFF(state), float(getattr(error, "retry_after", None) or 0))
