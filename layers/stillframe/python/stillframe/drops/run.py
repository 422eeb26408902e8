"""Objects dropped into the input bucket: what they ask for, and where the answers go."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import logging
from functools import cache
from typing import Any

from .. import service
from ..deadline import Deadline
from ..delivery.deliver import safe_type
from ..doors import S3_EVENT
from ..error_body import error_body
from ..errors import CaptureError, NotConfigured, RequestNotValid
from ..jobs import Job, Webhook, desk, messages, webhooks
from ..request import CaptureRequest, parse
from ..result import CaptureResult
from ..settings import settings
from ..storage import KeyTaken, Storage
from .event import Drop, check_apart, fetch, requests_of

log = logging.getLogger("stillframe")

# Results go to keys made from the drop's, so the door hands over the bytes.
DOOR = dataclasses.replace(S3_EVENT, max_inline_bytes=None)
_MAX_NAME_BYTES = 800


@cache
def output() -> Storage:
    """Where the results of drops go: OUTPUT_PREFIX of the storage's bucket. Raises ValueError where it could loop."""
    config = settings()
    storage = service.storage()
    if storage is None:
        raise NotConfigured("No storage is configured (STORAGE_URL), so drops have nowhere to answer.")
    check_apart(config)
    if config.storage_url.startswith("s3://"):
        from ..storage.s3 import S3Storage

        bucket = config.storage_url.removeprefix("s3://").split("/", 1)[0]
        return S3Storage(f"s3://{bucket}/{config.output_prefix}")
    return storage


def stem_of(drop: Drop) -> str:
    """`a/page.json` and the written version → `a/page.json.1f0c…`: the same write always has the same results."""
    name = drop.key.removeprefix(settings().input_prefix)
    written = drop.version or drop.etag
    if len(name.encode()) > _MAX_NAME_BYTES:
        # S3 takes keys of 1,024 bytes, and a result's is longer than its drop's.
        name, written = name.encode()[:_MAX_NAME_BYTES].decode(errors="ignore"), f"{written}\n{name}"
    return f"{name}.{hashlib.sha256(written.encode()).hexdigest()[:12]}"


async def perform(drop: Drop, account: str | None, seconds: float | None) -> None:
    """Capture what one drop asks for. Raises StorageUnavailable when not even an error could be written."""
    stem = stem_of(drop)
    if await _is_answered(stem):
        log.info("this drop has its answer", extra={"stem": stem})
        return
    try:
        found = await asyncio.to_thread(fetch, drop, account)
        if found is None:
            return
        wanted, many = requests_of(drop.key, found)
    except CaptureError as error:
        if error.retryable:
            raise
        await _write_error(stem, error)
        return
    if not many:
        await perform_one(stem, wanted[0], seconds)
        return
    items = [f"{stem}.{index:04d}" for index in range(len(wanted))]
    if settings().queue_url:
        bodies = [messages.write(messages.Dropped(s, w)) for s, w in zip(items, wanted, strict=True)]
        await asyncio.to_thread(desk.queue().send, bodies)
    else:
        deadline = None if seconds is None else Deadline.after(seconds)
        for item, value in zip(items, wanted, strict=True):
            await perform_one(item, value, None if deadline is None else deadline.remaining())
    await _write(f"{stem}.report.json", {"source": drop.to_json(), "items": items})


async def perform_one(stem: str, value: dict[str, Any], seconds: float | None) -> None:
    """One request of a drop: the artefact and its report, or its error. Raises StorageUnavailable."""
    if await _is_answered(stem):
        return
    webhook_url: str | None = None
    try:
        request: CaptureRequest = parse(value)
        webhook_url = request.webhook_url
        if webhook_url and not settings().queue_url:
            raise NotConfigured("webhook_url: a drop's webhook needs QUEUE_URL and JOBS_TABLE.")
        result = await _capture(
            request.model_copy(update={"response_type": "by_format", "store": False}), seconds
        )
    except CaptureError as error:
        await _tell(stem, webhook_url, error=error_body(error, stem))
        await _write_error(stem, error)
        return
    key = f"{stem}.{result.artifact.extension}"
    try:
        await asyncio.to_thread(_put, key, result)
    except KeyTaken:
        # An earlier worker died between the artefact and its report; the report must be of the bytes that lie there.
        there = await asyncio.to_thread(output().get, key)
        if there is not None:
            result.artifact = dataclasses.replace(result.artifact, data=there.data)
    report = {"artifact": key} | result.to_json(inline=False)
    await _tell(stem, webhook_url, report=report)
    await _write(f"{stem}.report.json", report)


async def _capture(request: CaptureRequest, seconds: float | None) -> CaptureResult:
    """The capture, tried once more when that may help and there is time."""
    deadline = None if seconds is None else Deadline.after(seconds)
    try:
        return await service.capture(request, DOOR, seconds=seconds)
    except CaptureError as error:
        left = None if deadline is None else deadline.remaining()
        if not error.retryable or (left is not None and left < 5):
            raise
        log.warning("a drop is tried again", extra={"code": error.code})
        return await service.capture(request, DOOR, seconds=left)


async def _tell(
    stem: str,
    webhook_url: str | None,
    *,
    report: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """A drop that wants a webhook is a finished job; told before the report, because after it nobody comes back."""
    if webhook_url is None or not settings().queue_url:
        return
    job = Job(hashlib.sha256(stem.encode()).hexdigest()[:32], webhook=Webhook(webhook_url))
    if report is not None:
        url, expires_at = await asyncio.to_thread(output().url, report["artifact"], settings().presign_ttl)
        report = report | {"url": url, "expires_at": expires_at.isoformat()}
        job.external_id = report.get("external_id")
    job.finish(settings().job_ttl, result=report, error=error)
    known = await asyncio.to_thread(desk.jobs().add, job)
    await webhooks.ask(known or job)


def _put(key: str, result: CaptureResult) -> None:
    facts = {"request-id": result.request_id, "format": result.artifact.format}
    output().put(
        key, result.artifact.data, safe_type(result.artifact), filename=result.filename, metadata=facts
    )


async def _is_answered(stem: str) -> bool:
    for kind in ("report", "error"):
        if await asyncio.to_thread(output().get, f"{stem}.{kind}.json") is not None:
            return True
    return False


async def _write_error(stem: str, error: CaptureError) -> None:
    """The error beside where the artefact would be; a drop is never answered by silence."""
    if isinstance(error, RequestNotValid):
        log.info("a drop is not valid", extra={"stem": stem})
    await _write(f"{stem}.error.json", error_body(error, stem))


async def _write(key: str, body: dict[str, Any]) -> None:
    # Half a surrogate pair, which JSON can spell and UTF-8 cannot, stays spelled.
    data = json.dumps(body, ensure_ascii=False, indent=1).encode(errors="backslashreplace")
    try:
        await asyncio.to_thread(output().put, key, data, "application/json")
    except KeyTaken:
        log.info("somebody else answered first", extra={"key": key})
