"""Webhooks: one delivery of a finished job, retries with growing delays, and giving up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe import jobs
from stillframe.delivery import webhook
from stillframe.delivery.webhook import ATTEMPTS, BACKOFF, Delivery, deliver
from stillframe.egress import EgressGuard
from stillframe.errors import CaptureError, DestinationBlocked, NetworkError, StorageUnavailable
from stillframe.jobs import Job, Webhook
from stillframe.jobs.memory import MemoryJobs
from stillframe.jobs.messages import DeliverWebhook
from stillframe.jobs.webhooks import deliver_webhook, enqueue_webhook
from stillframe.settings import Settings
from stillframe.worker.handle import RetryLater, handle_message
from unit.stand_ins import HOOK, done, queued

pytestmark = pytest.mark.usefixtures("in_memory")


class Receiver:
    """In place of `webhook.deliver`: what was posted, and the answers of the test."""

    def __init__(self) -> None:
        self.answers: list[Delivery] = []
        self.bodies: list[dict[str, Any]] = []

    async def __call__(
        self, guard: Any, config: Settings, url: str, body: bytes, job: str, attempt: int
    ) -> Delivery:
        self.bodies.append(json.loads(body))
        return self.answers.pop(0)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    from stillframe.browser.runtime import runtime

    fake = Receiver()
    monkeypatch.setattr(webhook, "deliver", fake)
    monkeypatch.setattr(runtime, "guard", lambda: None)
    return fake


def finished(id: str = "j") -> Job:
    job = Job(id, webhook=Webhook(HOOK))
    job.claim(60)
    job.finish(99, result={"format": "png"})
    jobs.configured().add(job)
    return job


def hook(id: str = "j") -> Webhook:
    job = jobs.configured().get(id)
    assert job is not None
    assert job.webhook is not None
    return job.webhook


def test_a_finished_job_is_delivered_once(receiver: Receiver) -> None:
    done(enqueue_webhook(finished()))
    assert [(json.loads(b), d) for b, d in queued()] == [({"webhook": "j", "attempt": 1}, 0)]
    receiver.answers = [Delivery("200", arrived=True)]
    for _ in range(2):  # the message comes twice
        done(deliver_webhook(DeliverWebhook("j"), "http://h"))
    assert hook() == Webhook(HOOK, "delivered", 1, "200")
    assert [b["status"] for b in receiver.bodies] == ["done"]
    assert "webhook" not in receiver.bodies[0]
    assert queued() == []


def test_a_busy_receiver_is_retried_with_growing_delays_until_the_last_attempt(receiver: Receiver) -> None:
    finished()
    receiver.answers = [Delivery("503", retry=True) for _ in range(ATTEMPTS)]
    delays = []
    message: DeliverWebhook | None = DeliverWebhook("j")
    while message is not None:
        done(deliver_webhook(message, ""))
        waiting = queued()
        message = DeliverWebhook(**json.loads(waiting[0][0])) if waiting else None
        delays += [delay for _, delay in waiting]
    assert tuple(delays) == BACKOFF
    assert all(0 < delay <= 900 for delay in BACKOFF)  # what a queue can wait
    assert hook() == Webhook(HOOK, "failed", ATTEMPTS, "503")


def test_a_receiver_that_refuses_is_not_retried(receiver: Receiver) -> None:
    finished()
    receiver.answers = [Delivery("410")]
    done(deliver_webhook(DeliverWebhook("j"), ""))
    assert hook() == Webhook(HOOK, "failed", 1, "410")
    assert queued() == []


def test_the_next_attempt_is_queued_after_a_worker_died_before_it(receiver: Receiver) -> None:
    job = finished()
    job.webhook = Webhook(HOOK, attempts=1, answer="503")
    jobs.configured().save(job)
    done(deliver_webhook(DeliverWebhook("j", 1), ""))
    assert receiver.bodies == []
    assert [json.loads(b)["attempt"] for b, _ in queued()] == [2]


@pytest.mark.parametrize("state", ["unknown", "deleted", "running", "without"])
def test_nothing_is_delivered_of_a_job_without_an_answer_or_a_webhook(receiver: Receiver, state: str) -> None:
    if state != "unknown":
        job = finished()
        if state == "deleted":
            job.delete()
        elif state == "running":  # a dead letter of it was sent again
            job.claim(60)
        else:
            job.webhook = None
        assert jobs.configured().save(job)
    done(deliver_webhook(DeliverWebhook("j"), ""))
    assert receiver.bodies == []
    assert queued() == []


def test_a_job_that_changed_during_its_delivery_ends_the_deliveries(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished()
    receiver.answers = [Delivery("503", retry=True)]
    monkeypatch.setattr(MemoryJobs, "save", lambda *_: False)
    done(deliver_webhook(DeliverWebhook("j"), ""))
    assert queued() == []


def test_the_message_is_retried_when_the_table_is_unavailable(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise StorageUnavailable("no")

    monkeypatch.setattr(MemoryJobs, "get", away)
    with pytest.raises(RetryLater):
        done(handle_message('{"webhook":"j","attempt":1}', message_id="m"))


@pytest.mark.parametrize("answer", [200, 204, 302, 404, 408, 425, 429, 500, 503])
def test_the_status_decides_about_another_attempt(answer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(*_: Any) -> int:
        return answer

    monkeypatch.setattr(webhook, "guarded_post", post)
    told = done(deliver(guard(), Settings(webhook_secret="s" * 32), HOOK, b"{}", "j", 1))
    assert (told.arrived, told.retry) == (answer < 300, answer in (408, 425, 429, 500, 503))
    assert told.answer == str(answer)


@pytest.mark.parametrize(("error", "again"), [(NetworkError("x"), True), (DestinationBlocked("x"), False)])
def test_a_failed_post_is_recorded_by_its_code(
    error: CaptureError, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def post(*_: Any) -> int:
        raise error

    monkeypatch.setattr(webhook, "guarded_post", post)
    told = done(deliver(guard(), Settings(webhook_secret="s" * 32), HOOK, b"{}", "j", 1))
    assert told == Delivery(error.code, retry=again)


def test_without_a_secret_nothing_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(*_: Any) -> int:
        raise AssertionError("posted unsigned")

    monkeypatch.setattr(webhook, "guarded_post", post)
    assert done(deliver(guard(), Settings(), HOOK, b"{}", "j", 1)).answer == "not_configured"


def guard() -> EgressGuard:
    return None  # type: ignore[return-value]
