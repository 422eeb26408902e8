"""Captures what is dropped into the input bucket, told by S3 itself or by EventBridge."""

from __future__ import annotations

from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the rest.
runtime.warm()

from stillframe import aws
from stillframe.drops import run
from stillframe.drops.event import Drop, read_event
from stillframe.idempotency import once

aws.start()
run.output()  # refuses to start where a result would be a drop again


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Every drop of the event; what failed is written beside where its result would be."""
    drops, failed = read_event(event), []
    for each in drops:
        try:
            _work(context, f"{each.bucket}/{each.key}#{each.version or each.etag}", each)
        except Exception as error:
            failed.append(error)
    if failed:
        raise failed[0]  # the event comes back; what is answered stays answered
    return {"drops": len(drops)}


def _perform(context: Any, name: str, found: Drop) -> None:
    runtime.run(run.perform(found, _account(context), aws.seconds_left(context)))


def _account(context: Any) -> str | None:
    """The account of this function, to which the input bucket must belong."""
    parts = str(getattr(context, "invoked_function_arn", "")).split(":")
    return parts[4] if len(parts) > 4 and parts[4] else None


_work = once(_perform)
