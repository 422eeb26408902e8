"""Submit the requests of an event as jobs. One that is not valid is reported; the others are submitted."""

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
class Submitted:
    """The ids of the jobs, and the rows that were refused."""

    jobs: list[str] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


def submit_event(event: dict[str, Any], *, caller: str, fallback: str | None = None) -> Submitted:
    """Submit one request, `{"requests": […], "options": {…}}` or `{"manifest": key, "options": {…}}`.

    `at` in the event is the scheduled time. With it, or else `fallback`, the same event of the same `caller`
    always makes the same jobs. Raises RequestNotValid if the event cannot be read. If valid rows could not be
    queued, raises the last such error after all rows; a retry submits only the missing jobs.
    """
    event = dict(event)
    at = str(event.pop("at", None) or fallback or "")
    if "detail-type" in event:
        raise RequestNotValid("A rule must send its requests as constant JSON, not the event itself.")
    key = event.get("manifest")
    rows = _manifest(event) if "manifest" in event else manifest.from_value(event, caller)
    submitted = Submitted()
    fault: CaptureError | None = None
    for row in rows:
        try:
            if row.error is not None:
                raise row.error
            # An idempotency key is short printable ASCII, and a manifest's name may be neither.
            name = hashlib.sha256(f"{at}/{key or 'event'}/{row.number}".encode()).hexdigest()
            submitted.jobs.append(submit(parse(row.request), caller=caller, key=name if at else None).id)
        except RequestNotValid as error:
            log.error("row refused", extra={"row": row.number, "reason": error.message})
            submitted.refused.append({"row": row.number, "code": error.code, "message": error.message})
        except CaptureError as error:
            log.error("row not queued", extra={"row": row.number, "code": error.code})
            fault = error
    if fault is not None:
        raise fault
    return submitted


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
            raise RequestNotValid("manifest: too large to submit at once; use a bulk run.")
        text = found["Body"].read().decode("utf-8-sig", "replace")
    # Not str.splitlines(): it also splits at U+2028 and others, which a JSON text may contain.
    return list(manifest.read(io.StringIO(text, newline=""), key, options))
