"""Work on one message of the queue, wherever it was received: every job gets exactly one answer."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from .. import service
from ..delivery.deliver import keep
from ..doors import QUEUE
from ..drops import run
from ..error_body import error_body
from ..errors import CaptureError, InternalError, RequestNotValid, ResultTooLarge, StorageUnavailable
from ..jobs import Job, Webhook, desk, messages, webhooks
from ..jobs.messages import Announce, Capture, Dropped
from ..request import CaptureRequest, parse
from ..settings import settings
from ..storage import KeyTaken

log = logging.getLogger("stillframe")

# The worker stores results itself, under a key of the job's, so the door hands it the bytes.
DOOR = dataclasses.replace(QUEUE, max_inline_bytes=None)
# Seconds before another attempt, by how often the message was received.
_AGAIN = (5, 30, 120)
# What a claim outlasts the time of its capture by: storing, and the end of the process.
_GRACE = 30.0
# What a row of the table holds beside a report, before it is base64.
_ROW_BYTES = 60_000


class TryAgain(Exception):
    """The message must come back after `seconds`; `final` when this was its last chance here."""

    def __init__(self, seconds: int, *, final: bool = False) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds, self.final = seconds, final


async def perform(
    body: str, *, message_id: str, receives: int = 1, seconds: float | None = None, base_url: str = ""
) -> None:
    """One message, in at most `seconds`. Raises TryAgain; anything else that goes wrong has been told to somebody."""
    try:
        message = messages.read(body, message_id)
    except RequestNotValid as error:
        await asyncio.to_thread(_keep_poison, body, message_id, error)
        return
    try:
        if isinstance(message, Announce):
            await webhooks.announce(message, base_url)
        elif isinstance(message, Dropped):
            await run.perform_one(message.stem, message.request, seconds)
        else:
            await _capture(message, message_id, receives, seconds)
    except CaptureError as error:
        # Only what the service itself lacks arrives here: its table, its queue, its storage.
        log.warning("a message is tried again", extra={"message_id": message_id, "code": error.code})
        raise TryAgain(_pause(receives), final=receives >= settings().max_receives) from error


async def _capture(message: Capture, message_id: str, receives: int, seconds: float | None) -> None:
    limit = (settings().max_timeout_ms / 1000) if seconds is None else seconds
    job = await _claim(message, message_id, limit + _GRACE)
    if job is None:
        return
    try:
        request = await _request(message)
        if request.webhook_url and job.webhook is None:
            job.webhook = Webhook(request.webhook_url)
        job.external_id, job.presign_ttl = request.external_id, request.presign_ttl
        result, key = await _result(job, request, seconds)
    except CaptureError as error:
        await _failed(job, error, receives)
    except Exception as error:
        # A fault of ours is an answer too: a job that nobody answers runs for ever.
        log.exception("unexpected fault", extra={"job": job.id})
        fault = InternalError("An unexpected fault; the log has it under the job's id.")
        fault.__cause__ = error
        await _failed(job, fault, receives)
    else:
        await _finish(job, result=result, key=key)


async def _claim(message: Capture, message_id: str, seconds: float) -> Job | None:
    """The job, ours for `seconds`; None when it was answered or deleted. Raises TryAgain while another works on it."""
    store = desk.jobs()
    while True:
        job = await asyncio.to_thread(store.get, message.job)
        if job is None and message.job == message_id:
            # A bare request: the message itself is the job.
            await asyncio.to_thread(store.add, Job(message.job))
            continue
        if job is None or job.deleted:
            log.info("nobody waits for this job any more", extra={"job": message.job})
            return None
        if job.answered:
            await webhooks.ask(job)
            return None
        if not job.take(seconds):
            raise TryAgain(int(job.claimed_until - time.time()) + 1)
        if await asyncio.to_thread(store.save, job):
            return job


async def _request(message: Capture) -> CaptureRequest:
    """The request of a message. Raises RequestNotValid, StorageUnavailable."""
    value: Any = message.request
    if message.request_key is not None:
        storage = service.storage()
        found = await asyncio.to_thread(storage.get, message.request_key) if storage else None
        if found is None:
            raise RequestNotValid("The stored request of this job is gone.")
        try:
            value = json.loads(found.data)
        except ValueError:
            raise RequestNotValid("The stored request of this job is damaged.") from None
    request: CaptureRequest = parse(value)
    return request


async def _result(
    job: Job, request: CaptureRequest, seconds: float | None
) -> tuple[dict[str, Any], str | None]:
    """What the job answers, and where its bytes lie; without a storage they travel in the answer."""
    wanted = request.model_copy(update={"response_type": "by_format", "store": False})
    result = await service.capture(wanted, DOOR, request_id=job.id, seconds=seconds)
    storage = service.storage()
    if storage is None:
        if desk.durable() and len(result.artifact.data) > _ROW_BYTES:
            raise ResultTooLarge(
                "The result does not fit the table of jobs, and no storage is configured (STORAGE_URL)."
            )
        return result.to_json(), None
    turn = "" if job.attempts == 1 else f"-{job.attempts}"
    at = datetime.fromtimestamp(job.created_at, UTC)
    key = f"{at:%Y/%m}/{job.id}{turn}.{result.artifact.extension}"
    await keep(result, request, storage, settings(), key=key)
    body = result.to_json()
    # A link is signed when it is asked for; one that is kept would end before the job does.
    del body["url"], body["expires_at"]
    return body, key


async def _failed(job: Job, error: CaptureError, receives: int) -> None:
    """Another attempt when that may help; else the job's answer is the error."""
    final = receives >= settings().max_receives
    if error.retryable and not final:
        job.release()
        await asyncio.to_thread(desk.jobs().save, job)
        raise TryAgain(_pause(receives)) from error
    await _finish(job, error=error_body(error, job.id))
    if error.retryable:
        # To the dead letters, from where it can be sent again once the cause is gone.
        raise TryAgain(0, final=True) from error


async def _finish(
    job: Job,
    *,
    result: dict[str, Any] | None = None,
    key: str | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    job.key = key
    job.finish(settings().job_ttl, result=result, error=error)
    if not await asyncio.to_thread(desk.jobs().save, job):
        log.warning("a job was deleted or taken over while it was captured", extra={"job": job.id})
        await asyncio.to_thread(_discard, job.id, key)
        return
    await webhooks.ask(job)


def _discard(id: str, key: str | None) -> None:
    """Remove a picture that no job points to: its job was deleted, or has another worker's answer."""
    now, storage = desk.jobs().get(id), service.storage()
    if key is None or storage is None or (now is not None and now.key == key):
        return
    # A role on AWS may not delete; there the object ends by the bucket's life cycle.
    with contextlib.suppress(StorageUnavailable):
        storage.delete(key)


def _pause(receives: int) -> int:
    return _AGAIN[min(receives, len(_AGAIN)) - 1]


def _keep_poison(body: str, message_id: str, error: RequestNotValid) -> None:
    """A message that nobody can read is kept with its reason. Raises TryAgain where there is nothing to keep it in."""
    log.error("a message cannot be read", extra={"message_id": message_id, "reason": error.message})
    storage = service.storage()
    if storage is None:
        raise TryAgain(0, final=True) from error
    kept = {
        "message_id": message_id,
        "reason": error.message,
        "body": body,
        "at": datetime.now(UTC).isoformat(),
    }
    try:
        storage.put(f"poison/{message_id}.error.json", json.dumps(kept).encode(), "application/json")
    except KeyTaken:
        return  # delivered twice
    except CaptureError as failure:
        raise TryAgain(_AGAIN[0]) from failure
