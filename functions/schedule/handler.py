"""Submits scheduled requests, of the event or of a manifest in the input bucket, as jobs. No browser."""

from __future__ import annotations

from typing import Any

from stillframe.aws import logger
from stillframe.batch.event import submit_event

# An answer of Lambda holds 6 MB, and a run may have a hundred thousand rows.
_LISTED = 1_000


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One run of a schedule. A run that is delivered twice makes the same jobs."""
    submitted = submit_event(event, caller="schedule", fallback=getattr(context, "aws_request_id", None))
    logger.info("schedule queued", extra={"jobs": len(submitted.jobs), "refused": len(submitted.refused)})
    return {
        "count": len(submitted.jobs),
        "jobs": submitted.jobs[:_LISTED],
        "refused": submitted.refused[:_LISTED],
    }
