"""Handle input objects: capture the requests in them and store the answers under the output prefix."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import logging
from functools import cache
from typing import Any

from .. import jobs, queues, service, site_limits, storage
from ..deadline import Deadline
from ..delivery.deliver import BUNDLE_TYPE, bundle_key_of, safe_type
from ..doors import S3_EVENT
from ..error_body import error_body
from ..errors import CaptureError, NotConfigured, RequestNotValid, TargetBusy
from ..jobs import Job, Webhook, messages, webhooks
from ..request import CaptureRequest, parse
from ..result import Artifact, CaptureResult
from ..settings import settings
from ..storage import KeyTaken, Storage, StoredObject
from .event import InputObject, check_apart, fetch, requests_of

log = logging.getLogger("stillframe")

# Results are stored here, under keys made from the input object's, so `service.capture` returns the bytes.
DOOR = dataclasses.replace(S3_EVENT, max_inline_bytes=None, stores_bundle=False)
# An S3 key has at most 1,024 bytes, and a result's key is longer than the name of its input object.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_MAX_NAME_BYTES = 800
# A capture is not repeated with less time left than this.
_MIN_RETRY_SECONDS = 5


@cache
def output() -> Storage:
    """The storage of results: OUTPUT_PREFIX in the bucket of STORAGE_URL.

    Raises ValueError if results would be input objects, NotConfigured without a storage.
    """
    config = settings()
    found = storage.configured()
    if found is None:
        raise NotConfigured("No storage is configured (STORAGE_URL), so results of drops cannot be stored.")
    check_apart(config)
    if config.storage_url.startswith("s3://"):
        from ..storage.s3 import S3Storage

        bucket = config.storage_url.removeprefix("s3://").split("/", 1)[0]
        return S3Storage(f"s3://{bucket}/{config.output_prefix}")
    return found


def result_prefix_of(source: InputObject) -> str:
    """`input/a/page.json` → `a/page.json.1f0c…`. Each write of an object has one prefix of its own."""
    name = source.key.removeprefix(settings().input_prefix)
    written = source.version or source.etag
    if len(name.encode()) > _MAX_NAME_BYTES:
        name, written = name.encode()[:_MAX_NAME_BYTES].decode(errors="ignore"), f"{written}\n{name}"
    return f"{name}.{hashlib.sha256(written.encode()).hexdigest()[:12]}"


async def handle_object(source: InputObject, account: str | None, seconds: float | None) -> None:
    """Capture the requests of an input object; a list of them goes to the queue if there is one.

    `account` must own the input bucket. Raises StorageUnavailable if no answer could be stored.
    """
    prefix = result_prefix_of(source)
    if await _is_answered(prefix):
        log.info("the input object has its answer", extra={"result_prefix": prefix})
        return
    try:
        data = await asyncio.to_thread(fetch, source, account)
        if data is None:
            return
        requests, is_list = requests_of(source.key, data)
    except CaptureError as error:
        if error.retryable:
            raise
        await _write_error(prefix, error)
        return
    if not is_list:
        try:
            await capture_to_prefix(prefix, requests[0], seconds)
        except TargetBusy as error:
            if not settings().queue_url:
                raise
            body = messages.write(messages.CaptureItem(prefix, requests[0]))
            await asyncio.to_thread(queues.configured().send, [body], error.retry_after or 0)
        return
    items = [f"{prefix}.{index:04d}" for index in range(len(requests))]
    if settings().queue_url:
        bodies = [messages.write(messages.CaptureItem(i, r)) for i, r in zip(items, requests, strict=True)]
        await asyncio.to_thread(queues.configured().send, bodies)
    else:
        deadline = None if seconds is None else Deadline.after(seconds)
        for item, request in zip(items, requests, strict=True):
            await capture_to_prefix(item, request, None if deadline is None else deadline.remaining())
    await _write(f"{prefix}.report.json", {"source": source.to_json(), "items": items})


async def capture_to_prefix(prefix: str, value: dict[str, Any], seconds: float | None) -> None:
    """Capture one request and store its artifact and report, or its error, under `prefix`.

    A delivery that runs at the same time may store the answer first; this one is then discarded.
    Raises StorageUnavailable, and TargetBusy if the capture must wait for others of its site.
    """
    if await _is_answered(prefix):
        return
    webhook_url: str | None = None
    try:
        request: CaptureRequest = parse(value)
        webhook_url = request.webhook_url
        if webhook_url and not settings().queue_url:
            raise NotConfigured("webhook_url: the webhook of a drop needs QUEUE_URL and JOBS_TABLE.")
        inline = request.model_copy(update={"response_type": "by_format", "store": False})
        async with site_limits.place(request.url, seconds):
            result = await _capture(inline, seconds)
    except TargetBusy:
        raise
    except CaptureError as error:
        if not await _is_answered(prefix):
            await _enqueue_webhook(prefix, webhook_url, error=error_body(error, prefix))
            await _write_error(prefix, error)
        return
    if await _is_answered(prefix):
        return
    key = f"{prefix}.{result.artifact.extension}"
    version = None
    try:
        version = await asyncio.to_thread(_put, key, result)
    except KeyTaken:
        # Another delivery stored the artifact, and may have died before its report: report the stored bytes.
        stored = await asyncio.to_thread(output().get, key)
        if stored is not None:
            result.artifact, version = _as_stored(result.artifact, stored), stored.version
    if result.bundle is not None:
        bundle_key = bundle_key_of(key)
        # Another delivery may have stored its own.
        with contextlib.suppress(KeyTaken):
            await asyncio.to_thread(output().put, bundle_key, result.bundle, BUNDLE_TYPE)
        result.report.note("debug", {"key": bundle_key})
    report = {"artifact": key} | output().location(key, version) | result.to_json(inline=False)
    await _enqueue_webhook(prefix, webhook_url, report=report)
    await _write(f"{prefix}.report.json", report)


def _caller() -> str:
    """Everybody who may write to the input bucket is one caller."""
    return f"bucket:{settings().input_bucket}"


async def _capture(request: CaptureRequest, seconds: float | None) -> CaptureResult:
    """Capture, and repeat it once if the error is retryable and there is time."""
    deadline = None if seconds is None else Deadline.after(seconds)
    try:
        return await service.capture(request, DOOR, seconds=seconds, caller=_caller())
    except CaptureError as error:
        left = None if deadline is None else deadline.remaining()
        if not error.retryable or (left is not None and left < _MIN_RETRY_SECONDS):
            raise
        log.warning("retrying capture of an input object", extra={"code": error.code})
        return await service.capture(request, DOOR, seconds=left, caller=_caller())


async def _enqueue_webhook(
    prefix: str,
    webhook_url: str | None,
    *,
    report: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """Record the answer as a finished job, which webhooks deliver, and queue the delivery.

    This comes before the answer is stored: a delivery that finds an answer does nothing more.
    """
    if webhook_url is None or not settings().queue_url:
        return
    job = Job(hashlib.sha256(prefix.encode()).hexdigest()[:32], webhook=Webhook(webhook_url))
    if report is not None:
        url, expires_at = await asyncio.to_thread(output().url, report["artifact"], settings().presign_ttl)
        report = report | {"url": url, "expires_at": expires_at.isoformat()}
        job.external_id = report.get("external_id")
    job.finish(settings().job_ttl, result=report, error=error)
    known = await asyncio.to_thread(jobs.configured().add, job)
    await webhooks.enqueue_webhook(known or job)


def _put(key: str, result: CaptureResult) -> str | None:
    artifact = result.artifact
    facts = {
        "request-id": result.request_id,
        "format": artifact.format,
        "verdict": result.report.verdict.line(),
    }
    if artifact.width is not None:
        facts["size"] = f"{artifact.width}x{artifact.height}"
    return output().put(key, artifact.data, safe_type(artifact), filename=result.filename, metadata=facts)


def _as_stored(artifact: Artifact, stored: StoredObject) -> Artifact:
    """The artifact with the bytes and dimensions of the stored object."""
    width, _, height = (stored.metadata or {}).get("size", "").partition("x")
    if width and height:
        artifact = dataclasses.replace(artifact, width=int(width), height=int(height))
    return dataclasses.replace(artifact, data=stored.data)


async def _is_answered(prefix: str) -> bool:
    for kind in ("report", "error"):
        if await asyncio.to_thread(output().get, f"{prefix}.{kind}.json") is not None:
            return True
    return False


async def _write_error(prefix: str, error: CaptureError) -> None:
    """Store the error under the prefix: an input object always gets an answer."""
    if isinstance(error, RequestNotValid):
        log.info("the input object is not valid", extra={"result_prefix": prefix})
    await _write(f"{prefix}.error.json", error_body(error, prefix))


async def _write(key: str, body: dict[str, Any]) -> None:
    # JSON can hold half a surrogate pair and UTF-8 cannot; it is written as its escape.
    data = json.dumps(body, ensure_ascii=False, indent=1).encode(errors="backslashreplace")
    try:
        await asyncio.to_thread(output().put, key, data, "application/json")
    except KeyTaken:
        log.info("another delivery answered first", extra={"key": key})
