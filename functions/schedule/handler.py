"""Puts scheduled requests on the queue: a manifest of the input bucket, or requests in the event. No browser."""

from __future__ import annotations

from typing import Any

from stillframe.aws import logger
from stillframe.batch.schedule import submit_scheduled


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One run of a schedule; the same run twice makes the same jobs."""
    run = submit_scheduled(event, getattr(context, "aws_request_id", None))
    logger.info("schedule queued", extra={"jobs": len(run.jobs), "refused": len(run.refused)})
    return {"jobs": run.jobs, "refused": run.refused}
