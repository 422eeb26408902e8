"""Handle one message of the queue. A job gets one answer, however often its message is delivered."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from .. import jobs, queues, service, site_limits, storage, telemetry
from ..delivery.deliver import store as store_result
from ..doors import QUEUE
from ..drops import run
from ..error_body import error_body
from ..errors import (
    CaptureError,
    InternalError,
    RequestNotValid,
    ResultTooLarge,
    StorageUnavailable,
    TargetBusy,
)
from ..jobs import Job, Webhook, messages, webhooks
from ..jobs.messages import Capture, CaptureItem, DeliverWebhook
from ..jobs.model import WAITING_SECONDS
from ..request import CaptureRequest, parse
from ..request.defaults import with_defaults
from ..settings import settings
from ..storage import KeyTaken

log = logging.getLogger("stillframe")

# The worker stores results itself, under a key made from the job, so `service.capture` returns the bytes.
DOOR = dataclasses.replace(QUEUE, max_inline_bytes=None, stores_bundle=False)
# Seconds before the next attempt, by how often the message has been received.
_RETRY_SECONDS = (5, 30, 120)
# A claim outlives its capture by this many seconds, for storing and shutdown.
_CLAIM_GRACE_SECONDS = 30.0
# The largest artifact in a table item without a storage: as base64, beside the report, it fits in 400 KB.
_MAX_INLINE_BYTES = 60_000


class RetryLater(Exception):
    """The message must be delivered again in `seconds`.

    `final` means that it has had its last attempt and belongs in the dead-letter queue.
    """

    def __init__(self, seconds: int, *, final: bool = False) -> None:
        super().__init__(f"retry in {seconds} s")
        self.seconds, self.final = seconds, final


async def handle_message(
    body: str, *, message_id: str, receives: int = 1, seconds: float | None = None, base_url: str = ""
) -> None:
    """Handle one message in at most `seconds`; `receives` is how often it has been delivered.

    Raises RetryLater. Other failures become the job's answer, an error object or a stored poison message.
    """
    try:
        message = messages.read(body, message_id)
    except RequestNotValid as error:
        await asyncio.to_thread(_store_poison_message, body, message_id, error)
        return
    try:
        await _dispatch(message, message_id, receives, seconds, base_url)
    except CaptureError as error:
        # The capture's own errors are answered above: this is the table, the queue or the storage.
        log.warning("retrying message", extra={"message_id": message_id, "code": error.code})
        raise RetryLater(_pause(receives), final=receives >= settings().max_receives) from error


async def _dispatch(
    message: messages.Message, message_id: str, receives: int, seconds: float | None, base_url: str
) -> None:
    """Raises RetryLater, and CaptureError if the table, the queue or the storage fails."""
    try:
        if isinstance(message, DeliverWebhook):
            await webhooks.deliver_webhook(message, base_url)
        elif isinstance(message, CaptureItem):
            await run.capture_to_prefix(message.result_prefix, message.request, seconds)
        else:
            await _capture(message, message_id, receives, seconds)
    except TargetBusy as error:
        # A message of its own: a wait for the site must not count as a failed delivery of this one.
        body = messages.write(message)
        await asyncio.to_thread(queues.configured().send, [body], error.retry_after or 0)


async def _capture(message: Capture, message_id: str, receives: int, seconds: float | None) -> None:
    limit = (settings().max_timeout_ms / 1000) if seconds is None else seconds
    job = await _claim(message, message_id, limit + _CLAIM_GRACE_SECONDS)
    if job is None:
        return
    try:
        request = await _request(message)
        if request.webhook_url and job.webhook is None:
            job.webhook = Webhook(request.webhook_url)
        job.external_id, job.presign_ttl = request.external_id, request.presign_ttl
        result, key = await _result(job, request, seconds)
    except TargetBusy:
        job.attempts -= 1
        job.release()
        if await asyncio.to_thread(jobs.configured().save, job):
            raise
    except CaptureError as error:
        await _fail(job, error, receives)
    except Exception as error:
        # Without an answer the job would stay in `running` until it expires.
        log.exception("unexpected fault", extra={"job": job.id})
        fault = InternalError("An unexpected fault; the log has it under the job's id.")
        fault.__cause__ = error
        await _fail(job, fault, receives)
    else:
        await _finish(job, result=result, key=key)


async def _claim(message: Capture, message_id: str, seconds: float) -> Job | None:
    """Claim the job for `seconds`. None if it is answered, deleted or unknown.

    Raises RetryLater while another delivery owns it.
    """
    store = jobs.configured()
    while True:
        job = await asyncio.to_thread(store.get, message.job)
        if job is None and (message.job == message_id or message.caller):
            # A bare request or a row of a schedule has no record yet.
            await asyncio.to_thread(store.add, Job(message.job, caller=message.caller or ""))
            continue
        if job is None or job.deleted:
            log.info("the job is deleted or expired", extra={"job": message.job})
            return None
        if job.answered:
            # The worker that answered may have died before it queued the webhook.
            await webhooks.enqueue_webhook(job)
            return None
        if not job.claim(seconds):
            raise RetryLater(int(job.claimed_until - time.time()) + 1)
        if await asyncio.to_thread(store.save, job):
            return job


async def _request(message: Capture) -> CaptureRequest:
    """The request of a message. Raises RequestNotValid, StorageUnavailable."""
    value: Any = message.request
    if message.request_key is not None:
        store = storage.configured()
        found = await asyncio.to_thread(store.get, message.request_key) if store else None
        if found is None:
            raise RequestNotValid("The stored request of this job does not exist.")
        try:
            stored = json.loads(found.data)
        except ValueError:
            raise RequestNotValid("The stored request of this job is not valid JSON.") from None
        value = stored if message.request is None else with_defaults(stored, message.request)
    request: CaptureRequest = parse(value)
    return request


async def _result(
    job: Job, request: CaptureRequest, seconds: float | None
) -> tuple[dict[str, Any], str | None]:
    """The result and the key of its artifact. Without a storage the result holds the artifact itself."""
    inline = request.model_copy(update={"response_type": "by_format", "store": False})
    async with site_limits.place(request.url, seconds):
        if job.attempts == 1:
            telemetry.count("QueueAge", max(0.0, time.time() - job.created_at))
        result = await service.capture(
            inline, DOOR, request_id=job.id, seconds=seconds, caller=job.caller or "queue"
        )
    store = storage.configured()
    if store is None:
        if jobs.durable() and len(result.artifact.data) > _MAX_INLINE_BYTES:
            raise ResultTooLarge(
                "The result does not fit in the job table, and no storage is configured (STORAGE_URL)."
            )
        return result.to_json(), None
    attempt = "" if job.attempts == 1 else f"-{job.attempts}"
    at = datetime.fromtimestamp(job.created_at, UTC)
    key = f"{at:%Y/%m}/{job.id}{attempt}.{result.artifact.extension}"
    await store_result(result, request, store, settings(), key=key)
    body = result.to_json()
    # `view.show` signs a link at each call; one signed here would expire before the job does.
    del body["url"], body["expires_at"]
    return body, key


async def _fail(job: Job, error: CaptureError, receives: int) -> None:
    """Release the job for another attempt if the error is retryable; otherwise the error is its answer."""
    final = receives >= settings().max_receives
    if error.retryable and not final:
        job.release()
        telemetry.count("JobRetries")
        await asyncio.to_thread(jobs.configured().save, job)
        raise RetryLater(_pause(receives)) from error
    # From the dead-letter queue it can be sent again once the cause is fixed, while there is a record of it.
    keep = max(settings().job_ttl, WAITING_SECONDS) if error.retryable else settings().job_ttl
    await _finish(job, error=error_body(error, job.id), keep=keep)
    if error.retryable:
        raise RetryLater(0, final=True) from error


async def _finish(
    job: Job,
    *,
    result: dict[str, Any] | None = None,
    key: str | None = None,
    error: dict[str, Any] | None = None,
    keep: int | None = None,
) -> None:
    job.key = key
    job.finish(settings().job_ttl if keep is None else keep, result=result, error=error)
    if not await asyncio.to_thread(jobs.configured().save, job):
        log.warning("the job was deleted or claimed again during its capture", extra={"job": job.id})
        await asyncio.to_thread(_discard, job.id, key)
        return
    await webhooks.enqueue_webhook(job)


def _discard(id: str, key: str | None) -> None:
    """Delete an artifact that no job refers to."""
    now, store = jobs.configured().get(id), storage.configured()
    if key is None or store is None or (now is not None and now.key == key):
        return
    # The deployed roles may not delete; there the bucket's lifecycle rule removes the object.
    with contextlib.suppress(StorageUnavailable):
        store.delete(key)


def _pause(receives: int) -> int:
    return _RETRY_SECONDS[min(receives, len(_RETRY_SECONDS)) - 1]


def _store_poison_message(body: str, message_id: str, error: RequestNotValid) -> None:
    """Store a message that cannot be read, with the reason. Raises RetryLater if it could not be stored."""
    log.error("a message cannot be read", extra={"message_id": message_id, "reason": error.message})
    store = storage.configured()
    if store is None:
        raise RetryLater(0, final=True) from error
    poison = {
        "message_id": message_id,
        "reason": error.message,
        "body": body,
        "at": datetime.now(UTC).isoformat(),
    }
    try:
        store.put(f"poison/{message_id}.error.json", json.dumps(poison).encode(), "application/json")
    except KeyTaken:
        return  # delivered twice
    except CaptureError as failure:
        raise RetryLater(_RETRY_SECONDS[0]) from failure
