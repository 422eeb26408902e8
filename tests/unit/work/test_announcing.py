"""Webhooks: told once it is finished, again later and later, given up in the end; a job shown without its own hook."""

from __future__ import annotations

import json
from typing import Any

import pytest
from acting import HOOK, done, queued

from stillframe.delivery import webhook
from stillframe.delivery.webhook import ATTEMPTS, BACKOFF, Delivery, deliver
from stillframe.egress import EgressGuard
from stillframe.errors import CaptureError, DestinationBlocked, NetworkError, StorageUnavailable
from stillframe.jobs import Job, Webhook, desk
from stillframe.jobs.memory import MemoryJobs
from stillframe.jobs.messages import Announce
from stillframe.jobs.webhooks import announce, ask
from stillframe.settings import Settings
from stillframe.worker.handle import TryAgain, perform

pytestmark = pytest.mark.usefixtures("desk_here")


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
    job.take(60)
    job.finish(99, result={"format": "png"})
    desk.jobs().add(job)
    return job


def hook(id: str = "j") -> Webhook:
    job = desk.jobs().get(id)
    assert job is not None
    assert job.webhook is not None
    return job.webhook


def test_what_arrives_is_told_once(receiver: Receiver) -> None:
    done(ask(finished()))
    assert [(json.loads(b), d) for b, d in queued()] == [({"webhook": "j", "attempt": 1}, 0)]
    receiver.answers = [Delivery("200", arrived=True)]
    for _ in range(2):  # the message comes twice
        done(announce(Announce("j"), "http://h"))
    assert hook() == Webhook(HOOK, "delivered", 1, "200")
    assert [b["status"] for b in receiver.bodies] == ["done"]
    assert "webhook" not in receiver.bodies[0]
    assert queued() == []


def test_a_busy_receiver_is_asked_again_later_and_later_and_given_up(receiver: Receiver) -> None:
    finished()
    receiver.answers = [Delivery("503", retry=True) for _ in range(ATTEMPTS)]
    delays = []
    message: Announce | None = Announce("j")
    while message is not None:
        done(announce(message, ""))
        waiting = queued()
        message = Announce(**json.loads(waiting[0][0])) if waiting else None
        delays += [delay for _, delay in waiting]
    assert tuple(delays) == BACKOFF
    assert all(0 < delay <= 900 for delay in BACKOFF)  # what a queue can wait
    assert hook() == Webhook(HOOK, "failed", ATTEMPTS, "503")


def test_a_receiver_that_says_no_is_not_asked_again(receiver: Receiver) -> None:
    finished()
    receiver.answers = [Delivery("410")]
    done(announce(Announce("j"), ""))
    assert hook() == Webhook(HOOK, "failed", 1, "410")
    assert queued() == []


def test_a_worker_that_died_between_attempt_and_next_message_is_made_up_for(receiver: Receiver) -> None:
    job = finished()
    job.webhook = Webhook(HOOK, attempts=1, answer="503")
    desk.jobs().save(job)
    done(announce(Announce("j", 1), ""))
    assert receiver.bodies == []
    assert [json.loads(b)["attempt"] for b, _ in queued()] == [2]


@pytest.mark.parametrize("state", ["unknown", "deleted", "running", "without"])
def test_nothing_is_told_of_a_job_without_an_answer_or_a_hook(receiver: Receiver, state: str) -> None:
    if state != "unknown":
        job = finished()
        if state == "deleted":
            job.delete()
        elif state == "running":  # a dead letter of it was sent again
            job.take(60)
        else:
            job.webhook = None
        assert desk.jobs().save(job)
    done(announce(Announce("j"), ""))
    assert receiver.bodies == []
    assert queued() == []


def test_a_job_that_changed_while_it_was_told_ends_the_deliveries(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished()
    receiver.answers = [Delivery("503", retry=True)]
    monkeypatch.setattr(MemoryJobs, "save", lambda *_: False)
    done(announce(Announce("j"), ""))
    assert queued() == []


def test_a_table_that_is_away_brings_the_message_back(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise StorageUnavailable("no")

    monkeypatch.setattr(MemoryJobs, "get", away)
    with pytest.raises(TryAgain):
        done(perform('{"webhook":"j","attempt":1}', message_id="m"))


@pytest.mark.parametrize("answer", [200, 204, 302, 404, 408, 425, 429, 500, 503])
def test_answers_say_whether_to_ask_again(answer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(*_: Any) -> int:
        return answer

    monkeypatch.setattr(webhook, "guarded_post", post)
    told = done(deliver(guard(), Settings(webhook_secret="s"), HOOK, b"{}", "j", 1))
    assert (told.arrived, told.retry) == (answer < 300, answer in (408, 425, 429, 500, 503))
    assert told.answer == str(answer)


@pytest.mark.parametrize(("error", "again"), [(NetworkError("x"), True), (DestinationBlocked("x"), False)])
def test_what_cannot_be_reached_is_told_by_its_code(
    error: CaptureError, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def post(*_: Any) -> int:
        raise error

    monkeypatch.setattr(webhook, "guarded_post", post)
    told = done(deliver(guard(), Settings(webhook_secret="s"), HOOK, b"{}", "j", 1))
    assert told == Delivery(error.code, retry=again)


def test_without_a_secret_nothing_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(*_: Any) -> int:
        raise AssertionError("posted unsigned")

    monkeypatch.setattr(webhook, "guarded_post", post)
    assert done(deliver(guard(), Settings(), HOOK, b"{}", "j", 1)).answer == "not_configured"


def guard() -> EgressGuard:
    return None  # type: ignore[return-value]
