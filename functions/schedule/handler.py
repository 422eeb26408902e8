"""Submits scheduled requests, of the event or of a manifest in the input bucket, as jobs. No browser."""

from __future__ import annotations

from typing import Any

from stillframe.aws import logger
from stillframe.batch.event import submit_event


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One run of a schedule. A run that is delivered twice makes the same jobs."""
    submitted = submit_event(event, caller="schedule", fallback=getattr(context, "aws_request_id", None))
    logger.info("schedule queued", extra={"jobs": len(submitted.jobs), "refused": len(submitted.refused)})
    return {"jobs": submitted.jobs, "refused": submitted.refused}
