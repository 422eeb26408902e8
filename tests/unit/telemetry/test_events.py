"""What is told of jobs and webhooks, between captures."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from stillframe import jobs, telemetry
from stillframe.delivery import webhook
from stillframe.delivery.webhook import ATTEMPTS, Delivery
from stillframe.errors import NetworkError
from stillframe.jobs import Job, Webhook
from stillframe.jobs.messages import DeliverWebhook
from stillframe.jobs.submit import submit
from stillframe.jobs.webhooks import deliver_webhook
from stillframe.request import parse
from stillframe.telemetry.metrics import METRICS
from stillframe.worker.handle import RetryLater, handle_message
from unit.stand_ins import HOOK, URL, Captures, done, queued

pytestmark = pytest.mark.usefixtures("in_memory")


class Events:
    """In place of a sink: the single events."""

    def __init__(self) -> None:
        self.found: list[tuple[str, float]] = []

    def count(self, values: dict[str, float]) -> None:
        assert set(values) <= set(METRICS)
        self.found += values.items()


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Events:
    sink = Events()
    monkeypatch.setattr(telemetry, "sinks", [sink])
    return sink


def test_a_job_tells_how_long_it_has_waited_and_that_it_is_tried_again(
    events: Events, captures: Captures
) -> None:
    job = submit(parse(URL))
    stored = jobs.configured().get(job.id)
    assert stored is not None
    stored.created_at = time.time() - 90
    jobs.configured().save(stored)
    ((body, _),) = queued()
    captures.answers = [NetworkError("no")]
    with pytest.raises(RetryLater):
        done(handle_message(body, message_id="m"))
    done(handle_message(body, message_id="m", receives=2))
    (age, waited), retried = events.found
    assert (age, retried) == ("QueueAge", ("JobRetries", 1))
    assert 90 <= waited < 150


def test_each_attempt_at_a_webhook_tells_its_outcome(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    from stillframe.browser.runtime import runtime

    answers = [Delivery("200", arrived=True), *[Delivery("503", retry=True) for _ in range(ATTEMPTS)]]

    async def deliver(*_: Any) -> Delivery:
        return answers.pop(0)

    monkeypatch.setattr(webhook, "deliver", deliver)
    monkeypatch.setattr(runtime, "guard", lambda: None)
    for name in ("good", "bad"):
        job = Job(name, webhook=Webhook(HOOK))
        job.claim(60)
        job.finish(99, result={})
        jobs.configured().add(job)
    done(deliver_webhook(DeliverWebhook("good"), ""))
    message: DeliverWebhook | None = DeliverWebhook("bad")
    while message is not None:
        done(deliver_webhook(message, ""))
        waiting = queued()
        message = DeliverWebhook(**json.loads(waiting[0][0])) if waiting else None
    told = [name for name, _ in events.found]
    assert told == ["WebhooksDelivered", *["WebhooksRetried"] * (ATTEMPTS - 1), "WebhooksFailed"]
