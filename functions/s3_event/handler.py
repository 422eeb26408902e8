"""Captures the objects of the input bucket, on S3 notifications or EventBridge events."""

from __future__ import annotations

from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the other modules.
runtime.warm()

from stillframe import aws
from stillframe.drops import run
from stillframe.drops.event import read_event

aws.start()
run.output()  # fails the start if results would be captured again


@aws.invocation
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Every input object of the event. A failed capture is an answer too, stored as an error object."""
    aws.renew_secrets()
    found, failed = read_event(event), []
    for each in found:
        try:
            runtime.run(run.handle_object(each, _account(context), aws.seconds_left(context)))
        except Exception as error:
            failed.append(error)
    if failed:
        raise failed[0]  # Lambda retries the event; objects that have an answer are skipped then
    return {"drops": len(found)}


def _account(context: Any) -> str | None:
    """The account of this function, which must own the input bucket."""
    parts = str(getattr(context, "invoked_function_arn", "")).split(":")
    return parts[4] if len(parts) > 4 and parts[4] else None
