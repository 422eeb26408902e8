"""Every row of a manifest on this machine: some at once, each answered once, whatever interrupts the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import service
from ..doors import CLI
from ..errors import CaptureError, RequestNotValid
from ..request import CaptureRequest, parse
from .ledger import Ledger
from .manifest import Row

# Seconds before a row is tried again.
_PAUSE = 1.0


@dataclass(slots=True)
class Bulk:
    """One run: `at_once` captures, each tried `tries` times when that may help."""

    ledger: Ledger
    at_once: int
    tries: int = 2
    failed_again: bool = False
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
        for attempt in range(1, self.tries + 1):
            try:
                result = await service.capture(request, CLI)
                break
            except CaptureError as error:
                if not error.retryable or attempt == self.tries:
                    raise
                await asyncio.sleep(_PAUSE)
        facts = {
            "format": result.artifact.format, "width": result.artifact.width, "height": result.artifact.height,
            "target_status": result.report.target.status, "attempts": attempt,
            "warnings": [w["code"] for w in result.report.warnings],
        }  # fmt: skip
        self.ledger.done(row, result.artifact.data, result.artifact.extension, facts)
