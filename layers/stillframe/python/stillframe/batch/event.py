"""Submit the requests of an event as jobs. One that is not valid is reported; the others are submitted."""

from __future__ import annotations

import hashlib
import io
import itertools
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from .. import queues
from ..errors import CaptureError, RequestNotValid
from ..jobs.submit import message_of
from ..request import parse
from ..settings import settings
from . import manifest

log = logging.getLogger("stillframe")

# A hundred thousand addresses with a few options; the function has a minute's work with them.
_MAX_MANIFEST_BYTES = 20_000_000
# Requests to the queue at once, each of ten messages.
_SENDERS = 8
_PREFIX = "manifests/"


@dataclass(slots=True)
class Submitted:
    """The ids of the jobs, the rows that were refused, and why rows could not be queued."""

    jobs: list[str] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    fault: CaptureError | None = None


def submit_event(event: dict[str, Any], *, caller: str, fallback: str | None = None) -> Submitted:
    """Submit one request, `{"requests": […], "options": {…}}` or `{"manifest": key, "options": {…}}`.

    `at` in the event is the scheduled time. With it, or else `fallback`, the same event of the same `caller`
    always makes the same jobs. Raises RequestNotValid if the event cannot be read. If valid rows could not be
    queued, raises the last such error after all rows; a retry captures only what is missing.
    """
    event = dict(event)
    at = str(event.pop("at", None) or fallback or "")
    if "detail-type" in event:
        raise RequestNotValid("A rule must send its requests as constant JSON, not the event itself.")
    key = event.get("manifest")
    rows = _manifest(event) if "manifest" in event else iter(manifest.from_value(event, caller))
    submitted = Submitted()
    messages = _messages(rows, caller, f"{at}/{key or 'event'}" if at else None, submitted)
    with ThreadPoolExecutor(_SENDERS) as threads:
        # A chunk at a time: a manifest is not held in memory as messages.
        while chunk := list(itertools.islice(messages, _SENDERS * 100)):
            tens = [chunk[start : start + 10] for start in range(0, len(chunk), 10)]
            for ids in threads.map(_send, tens):
                if isinstance(ids, CaptureError):
                    submitted.fault = ids
                else:
                    submitted.jobs += ids
    if submitted.fault is not None:
        raise submitted.fault
    return submitted


def _messages(
    rows: Iterator[manifest.Row], caller: str, run: str | None, submitted: Submitted
) -> Iterator[tuple[str, str]]:
    """The job's id and the message of each row; what cannot be one is noted in `submitted`."""
    for row in rows:
        try:
            if row.error is not None:
                raise row.error
            # An idempotency key is short printable ASCII, and a manifest's name may be neither.
            name = run and hashlib.sha256(f"{run}/{row.number}".encode()).hexdigest()
            yield message_of(parse(row.request), caller=caller, key=name)
        except RequestNotValid as error:
            log.error("row refused", extra={"row": row.number, "reason": error.message})
            submitted.refused.append({"row": row.number, "code": error.code, "message": error.message})
        except CaptureError as error:
            log.error("row not queued", extra={"row": row.number, "code": error.code})
            submitted.fault = error


def _send(messages: list[tuple[str, str]]) -> list[str] | CaptureError:
    """The ids of the jobs that were queued, or the error that the queue answered."""
    try:
        queues.configured().send([body for _, body in messages])
    except CaptureError as error:
        log.error("rows not queued", extra={"rows": len(messages), "code": error.code})
        return error
    return [id for id, _ in messages]


def _manifest(event: dict[str, Any]) -> Iterator[manifest.Row]:
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
    return manifest.read(io.StringIO(text, newline=""), key, options)
