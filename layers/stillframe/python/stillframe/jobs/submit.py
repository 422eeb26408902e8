"""Take captures as jobs: validated now, kept, queued; the same wish twice under one key is one job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import NotConfigured, RequestNotValid
from ..keys import new_request_id
from ..queues.sqs import MESSAGE_BYTES
from ..request import CaptureRequest, parse
from ..request.defaults import merged
from ..settings import settings
from ..storage import open_storage
from . import Job, Webhook, desk, messages


def submit(request: CaptureRequest, *, caller: str = "", key: str | None = None) -> Job:
    """A new job, or the one that this caller already made under this key. Raises RequestNotValid, StorageUnavailable."""
    job = _job(_id(caller, key), request)
    known = desk.jobs().add(job)
    if known is not None:
        _same(known, job.fingerprint)
        job = known
    if job.status == "queued":
        # Also for a known job: whoever made it may have died before it was queued. A worker answers it once.
        desk.queue().send([_message(job.id, request)])
    return job


def submit_all(
    requests: Sequence[Any],
    options: dict[str, Any] | None = None,
    *,
    caller: str = "",
    key: str | None = None,
    check: Callable[[CaptureRequest], None] | None = None,
) -> Job:
    """A batch, whose members are jobs; one request that is not valid refuses them all. Raises as `submit` does."""
    found = validated(requests, options or {})
    if check is not None:
        for request in found:
            check(request)
    batch_id = _id(caller, key)
    members = [_job(f"{batch_id}-{index:04d}", request) for index, request in enumerate(found)]
    batch = Job(batch_id, _digest([m.fingerprint for m in members]), members=[m.id for m in members])
    known = desk.jobs().add(batch)
    if known is not None:
        _same(known, batch.fingerprint)
    bodies = []
    for job, request in zip(members, found, strict=True):
        there = desk.jobs().add(job)
        if there is None or there.status == "queued":
            bodies.append(_message(job.id, request))
    desk.queue().send(bodies)
    return known or batch


def validated(requests: Sequence[Any], options: dict[str, Any]) -> list[CaptureRequest]:
    """Every request with the shared options under its own. Raises RequestNotValid naming the index of each bad one."""
    limit = settings().max_batch
    if not requests:
        raise RequestNotValid("requests: the batch is empty.", details=[{"field": "requests"}])
    if len(requests) > limit:
        raise RequestNotValid(
            f"requests: {len(requests)} are over the limit of {limit}.", details=[{"field": "requests"}]
        )
    found, details = [], []
    for index, value in enumerate(requests):
        try:
            found.append(parse(merged(options, value)))
        except RequestNotValid as error:
            for detail in error.details or [{"field": "request", "message": error.message}]:
                field = f"requests[{index}].{detail['field']}"
                details.append(
                    detail | {"field": field, "message": f"requests[{index}]: {detail['message']}"}
                )
    if details:
        raise RequestNotValid("; ".join(str(d["message"]) for d in details[:5]), details=details)
    return found


def _job(id: str, request: CaptureRequest) -> Job:
    return Job(
        id,
        _digest(request.canonical()),
        external_id=request.external_id,
        presign_ttl=request.presign_ttl,
        webhook=Webhook(request.webhook_url) if request.webhook_url else None,
    )


def _id(caller: str, key: str | None) -> str:
    """A new id, or the one that belongs to this caller's key for ever."""
    if key is None:
        return new_request_id()
    if not (0 < len(key) <= 256 and key.isascii() and key.isprintable()):
        raise RequestNotValid(
            "Idempotency-Key: 1 to 256 printable ASCII characters.", details=[{"field": "Idempotency-Key"}]
        )
    return hashlib.sha256(f"{caller}\n{key}".encode()).hexdigest()[:32]


def _same(known: Job, fingerprint: str) -> None:
    if known.deleted:
        raise RequestNotValid("Idempotency-Key: its job was deleted.", details=[{"field": "Idempotency-Key"}])
    if known.fingerprint != fingerprint:
        raise RequestNotValid(
            "Idempotency-Key: it was used with another request before.",
            details=[{"field": "Idempotency-Key"}],
        )


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _message(job_id: str, request: CaptureRequest) -> str:
    """The queue's text; a request that is too large for it goes by way of the storage."""
    config = settings()
    body = messages.write(messages.Capture(job_id, request.canonical()))
    if not config.queue_url or len(body.encode()) <= MESSAGE_BYTES:
        return body
    if not config.storage_url:
        raise NotConfigured(
            "The request is too large for the queue, and no storage is configured (STORAGE_URL)."
        )
    key = f"requests/{job_id}.json"
    text = json.dumps(request.canonical()).encode()
    open_storage(config.storage_url).put(key, text, "application/json", overwrite=True)
    return messages.write(messages.Capture(job_id, request_key=key))
