"""The rows of a batch, captured by a deployed service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..batch.manifest import Row
from ..batch.runner import BatchRun, refuse_jobs
from .service import served, with_bytes

if TYPE_CHECKING:
    from ..client import AsyncClient


@dataclass(slots=True)
class ServedRun(BatchRun):
    """A run whose captures are asked of `client`, which retries what is retryable."""

    client: AsyncClient = field(kw_only=True)

    async def capture(self, row: Row) -> None:
        """Capture a row and record its result. Raises CaptureError."""
        refuse_jobs(row.request)
        # The options are the service's to check: its templates and limits may be others than here.
        answer = await self.client.capture(with_bytes(row.request))
        result = served(answer)
        target = answer.report.get("target") or {}
        facts = {
            "format": result.artifact.format,
            "width": result.artifact.width,
            "height": result.artifact.height,
            "target_status": target.get("status"),
            "warnings": [warning["code"] for warning in answer.report.get("warnings") or ()],
            "receipt": answer.report.get("receipt"),
        }
        self.results.add_done(row, result.artifact.data, result.artifact.extension, facts)
