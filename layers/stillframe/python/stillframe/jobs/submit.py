"""Submit captures as jobs: validate, store, queue. One idempotency key of one caller makes one job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from .. import jobs, queues, storage
from ..errors import NotConfigured, RequestNotValid
from ..keys import new_request_id
from ..queues.sqs import MESSAGE_BYTES
from ..request import CaptureRequest, parse
from ..request.defaults import with_defaults
from ..settings import settings
from . import Job, Webhook, messages

# Shared options of a batch that are larger than this are stored once instead of copied into each message.
_SHARED_BYTES = 16_384


def submit(request: CaptureRequest, *, caller: str = "", key: str | None = None, owner: str = "") -> Job:
    """Create a job, or return the one that this caller created under this key.

    Raises RequestNotValid, StorageUnavailable.
    """
    job = _job(_id(caller, key), request, caller, owner)
    known = jobs.configured().add(job)
    if known is not None:
        _check_same(known, job.fingerprint)
        job = known
    if job.status == "queued":
        # A known job too: its submitter may have died before it sent the message.
        queues.configured().send([_message(job.id, request)])
    return job


def message_of(request: CaptureRequest, *, caller: str, key: str | None) -> tuple[str, str]:
    """The id and the message of a job whose record the worker makes, so that submitting writes no table.

    Such a job can be looked up once a worker has taken its message.
    Raises RequestNotValid, StorageUnavailable.
    """
    id = _id(caller, key)
    return id, _message(id, request, caller)


def submit_all(
    requests: Sequence[Any],
    options: dict[str, Any] | None = None,
    *,
    caller: str = "",
    key: str | None = None,
    owner: str = "",
    check: Callable[[CaptureRequest], None] | None = None,
) -> Job:
    """Create a batch, with a job for each request. One request that is not valid refuses the whole batch.

    `check` may refuse further requests. Raises as `submit` does.
    """
    found = validated(requests, options or {})
    if check is not None:
        for request in found:
            check(request)
    batch_id = _id(caller, key)
    members = [_job(f"{batch_id}-{index:04d}", r, caller, owner) for index, r in enumerate(found)]
    digest = _digest([m.fingerprint for m in members])
    batch = Job(batch_id, digest, members=[m.id for m in members], caller=caller, owner=owner)
    store = jobs.configured()
    known = store.add(batch)
    if known is not None:
        _check_same(known, batch.fingerprint)
    queued = []
    for job, request in zip(members, found, strict=True):
        existing = store.add(job)
        if existing is None or existing.status == "queued":
            queued.append((job.id, request))
    queues.configured().send(_messages(batch_id, queued))
    return known or batch


def validated(requests: Sequence[Any], options: dict[str, Any]) -> list[CaptureRequest]:
    """The requests with the shared options as defaults.

    Raises RequestNotValid with the index of each request that is not valid.
    """
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
            found.append(parse(with_defaults(options, value)))
        except RequestNotValid as error:
            for detail in error.details or [{"field": "request", "message": error.message}]:
                field = f"requests[{index}].{detail['field']}"
                details.append(
                    detail | {"field": field, "message": f"requests[{index}]: {detail['message']}"}
                )
    if details:
        raise RequestNotValid("; ".join(str(d["message"]) for d in details[:5]), details=details)
    return found


def _job(id: str, request: CaptureRequest, caller: str, owner: str) -> Job:
    return Job(
        id,
        _digest(request.canonical()),
        external_id=request.external_id,
        presign_ttl=request.presign_ttl,
        webhook=Webhook(request.webhook_url) if request.webhook_url else None,
        caller=caller,
        owner=owner,
    )


def _id(caller: str, key: str | None) -> str:
    """A new id, or the id that this caller and key always have."""
    if key is None:
        return new_request_id()
    if not (0 < len(key) <= 256 and key.isascii() and key.isprintable()):
        raise RequestNotValid(
            "Idempotency-Key: 1 to 256 printable ASCII characters.", details=[{"field": "Idempotency-Key"}]
        )
    return hashlib.sha256(f"{caller}\n{key}".encode()).hexdigest()[:32]


def _check_same(known: Job, fingerprint: str) -> None:
    """Raises RequestNotValid if the job of this key was deleted or made from another request."""
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


def _messages(batch_id: str, queued: list[tuple[str, CaptureRequest]]) -> list[str]:
    """The messages of a batch; large options that all of its requests share are stored once."""
    options = [request.canonical() for _, request in queued]
    shared = _common(options)
    text = json.dumps(shared).encode()
    target = storage.configured()
    if len(queued) < 2 or len(text) <= _SHARED_BYTES or target is None:
        return [_message(id, request) for id, request in queued]
    key = f"requests/{batch_id}.json"
    target.put(key, text, "application/json", overwrite=True)
    bodies = []
    for (id, request), canonical in zip(queued, options, strict=True):
        own = {name: value for name, value in canonical.items() if name not in shared}
        body = messages.write(messages.Capture(id, own, key))
        bodies.append(body if len(body.encode()) <= MESSAGE_BYTES else _message(id, request))
    return bodies


def _common(options: list[dict[str, Any]]) -> dict[str, Any]:
    """The options that are the same in all of a list."""
    first, *others = options or [{}]
    return {k: v for k, v in first.items() if all(k in other and other[k] == v for other in others)}


def _message(job_id: str, request: CaptureRequest, caller: str | None = None) -> str:
    """The message of a job. A request that is too large for SQS is stored, and the message has its key."""
    config = settings()
    body = messages.write(messages.Capture(job_id, request.canonical(), caller=caller))
    if not config.queue_url or len(body.encode()) <= MESSAGE_BYTES:
        return body
    store = storage.configured()
    if store is None:
        raise NotConfigured(
            "The request is too large for the queue, and no storage is configured (STORAGE_URL)."
        )
    key = f"requests/{job_id}.json"
    store.put(key, json.dumps(request.canonical()).encode(), "application/json", overwrite=True)
    return messages.write(messages.Capture(job_id, request_key=key, caller=caller))
