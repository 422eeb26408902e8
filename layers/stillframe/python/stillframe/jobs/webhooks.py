"""Deliver finished jobs to their webhooks by way of the queue, with retries."""

from __future__ import annotations

import asyncio
import json
import logging

from .. import jobs, queues, storage, telemetry
from ..browser.runtime import runtime
from ..delivery import webhook
from ..settings import settings
from . import Job, Webhook, view
from .messages import DeliverWebhook, write

log = logging.getLogger("stillframe")


async def enqueue_webhook(job: Job) -> None:
    """Queue the first delivery of a finished job if it has a webhook. Raises StorageUnavailable."""
    if job.webhook is not None and job.webhook.status == "pending" and job.webhook.attempts == 0:
        await asyncio.to_thread(queues.configured().send, [write(DeliverWebhook(job.id))])


async def deliver_webhook(message: DeliverWebhook, base_url: str) -> None:
    """Make one attempt, and queue the next one if a later one may succeed. Raises StorageUnavailable."""
    job = await asyncio.to_thread(jobs.configured().get, message.webhook)
    if job is None or job.webhook is None or job.webhook.status != "pending" or job.finished_at is None:
        return
    if job.webhook.attempts < message.attempt and not await _attempt(
        job, job.webhook, message.attempt, base_url
    ):
        return
    if job.webhook.status == "pending":
        # Not only after this attempt: a worker that died here has saved the attempt and queued nothing.
        delay = webhook.BACKOFF[message.attempt - 1]
        following = write(DeliverWebhook(job.id, message.attempt + 1))
        await asyncio.to_thread(queues.configured().send, [following], delay)


async def _attempt(job: Job, hook: Webhook, attempt: int, base_url: str) -> bool:
    """Post the job and save the outcome. False if the job has changed in the store meanwhile."""
    config = settings()
    shown = await asyncio.to_thread(view.show, job, storage.configured(), config.public_url or base_url)
    shown.pop("webhook", None)
    done = await webhook.deliver(
        runtime.guard(), config, hook.url, json.dumps(shown).encode(), job.id, attempt
    )
    hook.attempts, hook.answer = attempt, done.answer
    if done.arrived:
        hook.status = "delivered"
    elif not done.retry or attempt >= webhook.ATTEMPTS:
        hook.status = "failed"
        log.warning("webhook gave up", extra={"job": job.id, "answer": done.answer, "attempts": attempt})
    told = {"delivered": "WebhooksDelivered", "failed": "WebhooksFailed"}
    telemetry.count(told.get(hook.status, "WebhooksRetried"))
    return await asyncio.to_thread(jobs.configured().save, job)
