"""Jobs as callers see them: the receipt, the state and answer, and deletion."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from .. import jobs
from ..errors import NotFound, StorageUnavailable
from ..settings import settings
from ..storage import Storage
from . import Job


def find(id: str, caller: str) -> Job:
    """The job. Raises NotFound if it is unknown, deleted, expired or another caller's."""
    job = jobs.configured().get(id)
    if job is None or job.deleted or job.owner not in ("", caller):
        raise NotFound("There is no such job.")
    return job


def status_path(id: str) -> str:
    return f"/jobs/{id}"


def receipt(job: Job, base_url: str) -> dict[str, Any]:
    """The answer to a submission: the ids and their status URLs."""
    body: dict[str, Any] = {"id": job.id, "status": job.status, "status_url": base_url + status_path(job.id)}
    if job.members:
        body["jobs"] = [{"id": m, "status_url": base_url + status_path(m)} for m in job.members]
    if not jobs.durable():
        body["durable"] = False  # the job is lost when the server exits
    return body


def show(job: Job, storage: Storage | None, base_url: str) -> dict[str, Any]:
    """The job with its result or error. A link to the result is signed at each call."""
    if job.members:
        return _batch(job, base_url)
    body: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "created_at": _time(job.created_at),
        "finished_at": _time(job.finished_at),
    }
    if job.external_id is not None:
        body["external_id"] = job.external_id
    if job.result is not None:
        body["result"] = dict(job.result)
        if job.key is not None and storage is not None:
            ttl = job.presign_ttl or settings().presign_ttl
            url, expires_at = storage.url(job.key, ttl, base_url=base_url)
            body["result"] |= {"url": url, "expires_at": expires_at.isoformat()}
    if job.error is not None:
        body["error"] = job.error
    if job.webhook is not None:
        body["webhook"] = {
            "status": job.webhook.status,
            "attempts": job.webhook.attempts,
            "answer": job.webhook.answer,
        }
    if not jobs.durable():
        body["durable"] = False
    return body


def _batch(batch: Job, base_url: str) -> dict[str, Any]:
    """A batch has no state of its own; it is computed from its members."""
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(jobs.configured().get, batch.members))
    members, counts = [], {"queued": 0, "running": 0, "done": 0, "failed": 0}
    for id, job in zip(batch.members, found, strict=True):
        if job is None or job.deleted:
            continue
        counts[job.status] += 1
        members.append({"id": id, "status": job.status, "status_url": base_url + status_path(id)})
    unfinished = counts["queued"] + counts["running"]
    status = ("running" if counts["queued"] < len(members) else "queued") if unfinished else "done"
    ends = [job.finished_at for job in found if job is not None and job.finished_at is not None]
    return {
        "id": batch.id,
        "status": status,
        "created_at": _time(batch.created_at),
        "finished_at": _time(max(ends)) if ends and not unfinished else None,
        "counts": counts,
        "jobs": members,
    }


def remove(id: str, storage: Storage | None, caller: str) -> None:
    """Delete a job, or a batch with its members, and their stored results. Raises NotFound.

    A queued job that is deleted is not captured.
    """
    job = find(id, caller)
    while True:
        members, keys = list(job.members), _keys(job)
        job.delete()
        if jobs.configured().save(job):
            break
        job = find(id, caller)
    for key in keys:
        # The deployed roles may not delete; there the bucket's lifecycle rule removes the object.
        with contextlib.suppress(StorageUnavailable):
            if storage is not None:
                storage.delete(key)
    for member in members:
        with contextlib.suppress(NotFound):
            remove(member, storage, caller)


def _keys(job: Job) -> list[str]:
    """The keys of the stored result and of its debug bundle."""
    debug = (job.result or {}).get("report", {}).get("debug", {})
    return [key for key in (job.key, debug.get("key")) if key is not None]


def _time(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
