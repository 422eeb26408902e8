"""Tell a finished job to its webhook, by way of the queue, until it arrives or is given up."""

from __future__ import annotations

import asyncio
import json
import logging

from .. import service
from ..browser.runtime import runtime
from ..delivery import webhook
from ..settings import settings
from . import Job, Webhook, desk, view
from .messages import Announce, write

log = logging.getLogger("stillframe")


async def ask(job: Job) -> None:
    """Queue the first delivery of a finished job, if it wants one. Raises StorageUnavailable."""
    if job.webhook is not None and job.webhook.status == "pending" and job.webhook.attempts == 0:
        await asyncio.to_thread(desk.queue().send, [write(Announce(job.id))])


async def announce(message: Announce, base_url: str) -> None:
    """One delivery; the next one is queued when it makes sense. Raises StorageUnavailable."""
    job = await asyncio.to_thread(desk.jobs().get, message.webhook)
    if job is None or job.webhook is None or job.webhook.status != "pending" or job.finished_at is None:
        return
    if job.webhook.attempts < message.attempt and not await _deliver(
        job, job.webhook, message.attempt, base_url
    ):
        return
    if job.webhook.status == "pending":
        # Also after a worker died right here: its message comes back and finds the attempt made.
        delay = webhook.BACKOFF[message.attempt - 1]
        await asyncio.to_thread(desk.queue().send, [write(Announce(job.id, message.attempt + 1))], delay)


async def _deliver(job: Job, hook: Webhook, attempt: int, base_url: str) -> bool:
    """Post it and keep what became of it; False when the job changed meanwhile."""
    config = settings()
    shown = await asyncio.to_thread(view.show, job, service.storage(), config.public_url or base_url)
    shown.pop("webhook", None)
    done = await webhook.deliver(
        runtime.guard(), config, hook.url, json.dumps(shown).encode(), job.id, attempt
    )
    hook.attempts, hook.answer = attempt, done.answer
    if done.arrived:
        hook.status = "delivered"
    elif not done.retry or attempt >= webhook.ATTEMPTS:
        hook.status = "failed"
        log.warning(
            "a webhook is given up", extra={"job": job.id, "answer": done.answer, "attempts": attempt}
        )
    return await asyncio.to_thread(desk.jobs().save, job)
