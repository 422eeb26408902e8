"""Webhooks: signed, sent for failures too, retried by way of the queue, and never sent past the guard."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from cloud import Cloud, Handler
from pages import TINY
from receiver import Receiver

from stillframe import jobs
from stillframe.delivery.webhook import ATTEMPTS, BACKOFF
from stillframe.jobs.submit import submit
from stillframe.request import parse


def hook_of(id: str) -> Any:
    job = jobs.configured().get(id)
    assert job is not None
    assert job.webhook is not None
    return job.webhook


def tell(receiver: Receiver, **options: Any) -> str:
    return submit(parse(TINY | {"webhook_url": receiver.url} | options)).id


def drain(cloud: Cloud, worker: Handler) -> list[int]:
    """Work until nothing is left, letting delayed messages be seen at once; the delays they asked for."""
    from stillframe.queues.sqs import SqsQueue

    delays: list[int] = []
    real = SqsQueue.send

    def send(self: SqsQueue, bodies: Any, delay: int = 0) -> None:
        delays.extend([delay] * bool(delay))
        real(self, bodies)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqsQueue, "send", send)
        cloud.drain(worker)
    return delays


def test_a_finished_job_is_posted_and_signed(cloud: Cloud, worker: Handler, receiver: Receiver) -> None:
    id = tell(receiver, external_id="order-9")
    drain(cloud, worker)
    ((headers, body),) = receiver.deliveries
    expected = hmac.new(b"k" * 40, headers["x-stillframe-timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["x-stillframe-signature"] == f"v1={expected.hexdigest()}"
    assert headers["x-stillframe-job"] == id
    told = json.loads(body)
    assert (told["id"], told["status"], told["external_id"], told["result"]["width"]) == (
        id,
        "done",
        "order-9",
        40,
    )
    assert told["result"]["url"].startswith("http")
    assert (hook_of(id).status, hook_of(id).answer) == ("delivered", "204")


def test_a_failure_is_told_too(cloud: Cloud, worker: Handler, receiver: Receiver) -> None:
    tell(receiver, external_id="bad", selector="#no", wait_for_timeout=200)
    drain(cloud, worker)
    (told,) = receiver.bodies()
    assert (told["status"], told["external_id"], told["error"]["code"]) == (
        "failed",
        "bad",
        "selector_not_found",
    )  # type: ignore[index]


def test_a_busy_receiver_is_asked_again_later_and_later(
    cloud: Cloud, worker: Handler, receiver: Receiver
) -> None:
    receiver.answers = [503, 429, 200]
    id = tell(receiver)
    assert drain(cloud, worker) == list(BACKOFF[:2])
    assert [h["x-stillframe-attempt"] for h, _ in receiver.deliveries] == ["1", "2", "3"]
    assert (hook_of(id).status, hook_of(id).attempts) == ("delivered", 3)


def test_a_receiver_that_never_answers_well_is_given_up(
    cloud: Cloud, worker: Handler, receiver: Receiver
) -> None:
    receiver.answers = [500] * 20
    id = tell(receiver)
    assert drain(cloud, worker) == list(BACKOFF)
    assert len(receiver.deliveries) == ATTEMPTS
    assert (hook_of(id).status, hook_of(id).answer) == ("failed", "500")


@pytest.mark.parametrize("status", [302, 400, 410])
def test_a_receiver_that_says_no_or_elsewhere_is_not_asked_again(
    cloud: Cloud, worker: Handler, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    id = tell(receiver)
    assert drain(cloud, worker) == []
    assert (hook_of(id).status, hook_of(id).answer, len(receiver.deliveries)) == ("failed", str(status), 1)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://user:pw@127.0.0.1:8080/"]
)
def test_a_webhook_does_not_reach_where_captures_may_not(cloud: Cloud, worker: Handler, url: str) -> None:
    id = submit(parse(TINY | {"webhook_url": url})).id
    assert drain(cloud, worker) == []
    assert (hook_of(id).status, hook_of(id).answer) == ("failed", "destination_blocked")


def test_a_delivery_message_that_comes_twice_is_one_delivery(
    cloud: Cloud, worker: Handler, receiver: Receiver
) -> None:
    id = tell(receiver)
    drain(cloud, worker)
    cloud.send(json.dumps({"webhook": id, "attempt": 1}))
    drain(cloud, worker)
    assert len(receiver.deliveries) == 1


def test_a_worker_that_died_after_an_attempt_does_not_end_the_deliveries(
    cloud: Cloud, worker: Handler, receiver: Receiver
) -> None:
    receiver.answers = [503]
    id = tell(receiver)
    for record in cloud.receive():
        cloud.invoke(worker, [record])
    job = jobs.configured().get(id)
    assert job is not None
    assert job.webhook is not None
    job.webhook.attempts, job.webhook.answer = 1, "503"  # made, kept, and then the end: nothing was queued
    jobs.configured().save(job)
    receiver.answers = []
    drain(cloud, worker)
    assert hook_of(id).status == "delivered"
    assert [h["x-stillframe-attempt"] for h, _ in receiver.deliveries] == ["2"]


def test_a_drop_can_have_a_webhook(cloud: Cloud, worker: Handler, receiver: Receiver) -> None:
    from cloud import Context, load_handler
    from test_drops import put

    load_handler("s3_event")(
        put(cloud, "hook.json", TINY | {"webhook_url": receiver.url, "external_id": "d"}), Context()
    )
    drain(cloud, worker)
    (told,) = receiver.bodies()
    assert (told["status"], told["external_id"], told["result"]["width"]) == ("done", "d", 40)  # type: ignore[index]
