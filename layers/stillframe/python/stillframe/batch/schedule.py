"""What a schedule asks for, as jobs; rows that are not valid are named and do not hold up the others."""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import dataclass, field
from typing import Any

from ..errors import CaptureError, RequestNotValid
from ..jobs.submit import submit
from ..request import parse
from ..settings import settings
from . import manifest

log = logging.getLogger("stillframe")

_MAX_MANIFEST_BYTES = 5_000_000
_PREFIX = "manifests/"


@dataclass(slots=True)
class Run:
    """The jobs of one run, and what was refused."""

    jobs: list[str] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


def submit_scheduled(event: dict[str, Any], fallback: str | None) -> Run:
    """Queue the requests of an event: `{"manifest": key, "options": {…}}`, `{"requests": […], "options": {…}}` or one request.

    `at` is the time the schedule meant; with it (or `fallback`) a run that is delivered twice is still one run.
    Raises RequestNotValid when there is nothing to read at all, and what kept a valid row from its queue, once every
    row has been tried: given again, the event makes only the jobs that are missing.
    """
    event = dict(event)
    at = str(event.pop("at", None) or fallback or "")
    if "detail-type" in event:
        raise RequestNotValid("A rule must send its requests as constant JSON, not the event itself.")
    key = event.get("manifest")
    rows = _manifest(event) if "manifest" in event else manifest.from_value(event, "schedule")
    run = Run()
    fault: CaptureError | None = None
    for row in rows:
        try:
            if row.error is not None:
                raise row.error
            # A key is short and plain; the names of manifests need not be.
            name = hashlib.sha256(f"{at}/{key or 'event'}/{row.number}".encode()).hexdigest()
            run.jobs.append(submit(parse(row.request), caller="schedule", key=name if at else None).id)
        except RequestNotValid as error:
            log.error("a scheduled row is not valid", extra={"row": row.number, "reason": error.message})
            run.refused.append({"row": row.number, "code": error.code, "message": error.message})
        except CaptureError as error:
            log.error("a scheduled row could not be queued", extra={"row": row.number, "code": error.code})
            fault = error
    if fault is not None:
        raise fault
    return run


def _manifest(event: dict[str, Any]) -> list[manifest.Row]:
    """The rows of `{"manifest": key, "options": {…}}`."""
    from ..botocore_errors import map_botocore_errors
    from ..storage.s3 import S3Storage, is_missing

    key, options, bucket = event["manifest"], event.get("options") or {}, settings().input_bucket
    if unknown := sorted(set(event) - {"manifest", "options"}):
        raise RequestNotValid(f"unknown field '{unknown[0]}' beside manifest and options.")
    if not isinstance(options, dict):
        raise RequestNotValid("options: must be an object.")
    if not isinstance(key, str) or not key.startswith(_PREFIX) or not bucket:
        raise RequestNotValid(f"manifest: a key under {_PREFIX} of the input bucket.")
    client = S3Storage(f"s3://{bucket}").client
    with map_botocore_errors("The manifest could not be read."):
        try:
            found = client.get_object(Bucket=bucket, Key=key)
        except client.exceptions.ClientError as error:
            if is_missing(error):
                raise RequestNotValid(f"manifest: there is no {key}.") from None
            raise
        if found["ContentLength"] > _MAX_MANIFEST_BYTES:
            raise RequestNotValid("manifest: too large for a schedule; use a bulk run.")
        text = found["Body"].read().decode("utf-8-sig", "replace")
    # Not splitlines(), for which a line also ends at characters that JSON may hold as they are.
    return list(manifest.read(io.StringIO(text, newline=""), key, options))
