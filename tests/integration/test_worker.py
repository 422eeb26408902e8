"""The queue's worker behind its handler: every message answered once, failures sorted, poison kept."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import time
from typing import Any

import pytest
from cloud import OUTPUT, Cloud, Context, Handler, event, free_port, load_handler
from pages import TINY, is_green

from stillframe import jobs
from stillframe.jobs import Job
from stillframe.jobs.submit import submit, submit_all
from stillframe.request import parse

# A port that nobody listens on; small ones are refused by Chromium itself.
NOBODY = f"127.0.0.1:{free_port()}"
UNREACHABLE = {"url": f"http://{NOBODY}/", "wait_for_timeout": 500}


def job_of(id: str) -> Job:
    job = jobs.configured().get(id)
    assert job is not None
    return job


def results(cloud: Cloud, id: str) -> list[str]:
    return [key for key in cloud.names() if id in key]


def test_a_submitted_job_is_captured_and_stored(cloud: Cloud, worker: Handler) -> None:
    job = submit(parse(TINY | {"external_id": "order-7"}))
    assert cloud.drain(worker) == 1
    done = job_of(job.id)
    assert (done.status, done.attempts, done.external_id) == ("done", 1, "order-7")
    assert is_green(cloud.read(f"output/{done.key}"))
    head = cloud.s3.head_object(Bucket=OUTPUT, Key=f"output/{done.key}")
    assert (
        head["Metadata"] | {"external-id": "order-7", "request-id": job.id, "size": "40x30"}
        == head["Metadata"]
    )
    assert "url" not in (done.result or {}), "a link kept with the job would end before the job does"
    assert cloud.waiting() == 0


def test_a_bare_request_on_the_queue_is_a_job_named_after_its_message(cloud: Cloud, worker: Handler) -> None:
    message_id = cloud.send(json.dumps(TINY))
    cloud.drain(worker)
    assert job_of(message_id).status == "done"


def test_the_recorded_event_is_worked_on(cloud: Cloud, worker: Handler) -> None:
    recorded = event("sqs")
    record = recorded["Records"][0]
    record["body"] = json.dumps(TINY)
    assert worker(recorded, Context()) == {"batchItemFailures": []}
    assert job_of(record["messageId"]).status == "done"


def test_a_request_that_is_not_valid_fails_once_and_is_done(cloud: Cloud, worker: Handler) -> None:
    message_id = cloud.send(json.dumps({"html_content": "x", "full_pag": True}))
    cloud.drain(worker)
    job = job_of(message_id)
    assert (job.status, (job.error or {})["code"], job.attempts) == ("failed", "request_not_valid", 1)
    assert "did you mean" in (job.error or {})["message"]
    assert (cloud.waiting(), cloud.waiting(cloud.dead)) == (0, 0)


def test_a_page_that_cannot_satisfy_the_request_is_not_tried_again(cloud: Cloud, worker: Handler) -> None:
    job = submit(parse(TINY | {"selector": "#nowhere", "wait_for_timeout": 300}))
    cloud.drain(worker)
    assert (job_of(job.id).error or {})["code"] == "selector_not_found"
    assert cloud.waiting() == 0


@pytest.mark.parametrize("body", ["{not json", "[1, 2]", '"text"', '{"job": "x", "surprise": 1}', "\ud83d"])
def test_poison_is_kept_with_its_reason_and_does_not_come_back(
    cloud: Cloud, worker: Handler, body: str
) -> None:
    record = event("sqs")["Records"][0] | {"body": body, "messageId": f"poison-{hash(body)}"}
    assert worker({"Records": [record]}, Context()) == {"batchItemFailures": []}
    kept = cloud.read_json(f"output/poison/{record['messageId']}.error.json")
    assert kept["body"] == body
    assert "message" in kept["reason"]


def test_an_unreachable_target_is_tried_three_times_and_then_a_dead_letter(
    cloud: Cloud, worker: Handler
) -> None:
    job = submit(parse(UNREACHABLE))
    for receive in (1, 2, 3):
        records = cloud.receive()
        assert [r["attributes"]["ApproximateReceiveCount"] for r in records] == [str(receive)]
        assert cloud.invoke(worker, records) == [records[0]["messageId"]]
        assert job_of(job.id).status == ("queued" if receive < 3 else "failed")
        if receive < 3:
            # It was put off for a few seconds and not for the six minutes of the queue.
            assert cloud.receive() == []
        cloud.sqs.change_message_visibility(
            QueueUrl=cloud.queue, ReceiptHandle=records[0]["receiptHandle"], VisibilityTimeout=0
        )
    assert cloud.receive() == []
    assert cloud.waiting(cloud.dead) == 1
    failed = job_of(job.id)
    assert ((failed.error or {})["code"], failed.attempts) == ("connection_refused", 3)


def test_a_dead_letter_that_is_sent_again_gets_its_answer(cloud: Cloud, worker: Handler) -> None:
    job = submit(parse(UNREACHABLE))
    records = cloud.receive()
    records[0]["attributes"]["ApproximateReceiveCount"] = "3"
    cloud.invoke(worker, records)
    assert job_of(job.id).status == "failed"
    cloud.send(json.dumps({"job": job.id, "request": TINY}))
    cloud.drain(worker)
    assert job_of(job.id).status == "done"


def test_only_the_failed_message_of_a_batch_comes_back(cloud: Cloud, worker: Handler) -> None:
    submit_all([TINY, UNREACHABLE, TINY | {"dark_mode": True}])
    records = []
    while found := cloud.receive(10):
        records += found
    refused = [r["messageId"] for r in records if NOBODY in r["body"]]
    assert cloud.invoke(worker, records) == refused


def test_a_message_that_is_delivered_twice_is_captured_once(cloud: Cloud, worker: Handler) -> None:
    job = submit(parse(TINY))
    records = cloud.receive()
    for _ in range(3):
        assert worker({"Records": records}, Context()) == {"batchItemFailures": []}
    submitted_again = {"Records": [records[0] | {"messageId": "another-message"}]}
    assert worker(submitted_again, Context()) == {"batchItemFailures": []}
    assert job_of(job.id).attempts == 1
    assert len(results(cloud, job.id)) == 1


def test_a_job_that_somebody_works_on_is_left_alone(cloud: Cloud, worker: Handler) -> None:
    job = submit(parse(TINY))
    taken = job_of(job.id)
    assert taken.claim(300)
    assert jobs.configured().save(taken)
    records = cloud.receive()
    assert cloud.invoke(worker, records) == [records[0]["messageId"]]
    assert job_of(job.id) == taken


def test_a_deleted_job_is_not_captured(cloud: Cloud, worker: Handler) -> None:
    from stillframe import storage
    from stillframe.jobs import view

    job = submit(parse(TINY))
    view.remove(job.id, storage.configured(), "")
    assert cloud.drain(worker) == 1
    assert results(cloud, job.id) == []


def test_a_request_too_large_for_the_queue_travels_by_the_storage(cloud: Cloud, worker: Handler) -> None:
    large = TINY | {"html_content": TINY["html_content"] + "<!--" + "x" * 600_000 + "-->"}  # type: ignore[operator]
    job = submit(parse(large))
    records = cloud.receive()
    assert len(records[0]["body"]) < 500
    cloud.invoke(worker, records)
    assert job_of(job.id).status == "done"


def test_a_batch_survives_the_death_of_its_worker(cloud: Cloud, worker: Handler) -> None:
    """A worker is killed while it captures; another one answers the remaining messages, each once."""
    slow = TINY | {"html_content": "<body style='margin:0;background:#0a0'>", "delay_capture": 800}
    batch = submit_all([slow | {"external_id": str(i)} for i in range(6)])
    mp = multiprocessing.get_context("spawn")
    victim = mp.Process(target=_work_until_killed, args=(dict(os.environ),))
    victim.start()
    try:
        _until(lambda: any(_status(m) == "done" for m in batch.members), 60)
        _until(lambda: any(_status(m) == "running" for m in batch.members), 60)
    finally:
        os.kill(victim.pid or 0, signal.SIGKILL)
        victim.join()
    held = [m for m in batch.members if _status(m) == "running"]
    assert held, "the worker died between two jobs, which proves nothing"
    # The claim and the message of the dead worker are free once its invocation would have ended.
    for member in held:
        job = job_of(member)
        job.claimed_until = time.time()
        assert jobs.configured().save(job)
    _make_visible(cloud)
    _until(lambda: cloud.drain(worker) == 0 and all(_status(m) == "done" for m in batch.members), 90)
    for member in batch.members:
        job = job_of(member)
        assert is_green(cloud.read(f"output/{job.key}"))
        assert job.attempts == (2 if member in held else 1)
    assert cloud.waiting() == 0


def _status(id: str) -> str:
    return job_of(id).status


def _until(condition: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _make_visible(cloud: Cloud) -> None:
    """Let the queue's visibility timeout pass: six minutes are not waited for."""
    for receipt in _receipts():
        with contextlib.suppress(cloud.sqs.exceptions.ClientError):  # those that were answered are gone
            cloud.sqs.change_message_visibility(
                QueueUrl=cloud.queue, ReceiptHandle=receipt, VisibilityTimeout=0
            )


def _receipts() -> list[str]:
    with open(os.environ["RECEIPTS"], encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


def _work_until_killed(environment: dict[str, str]) -> None:
    """One Lambda environment in a process of its own, polled as Lambda does."""
    os.environ.update(environment)
    cloud = Cloud(environment["AWS_ENDPOINT_URL"])
    import boto3

    cloud.sqs = boto3.client("sqs")
    cloud.queue = environment["QUEUE_URL"]
    handler = load_handler("sqs_worker")
    while True:
        for record in cloud.receive():
            with open(environment["RECEIPTS"], "a", encoding="utf-8") as file:
                file.write(record["receiptHandle"] + "\n")
            cloud.invoke(handler, [record])


@pytest.fixture(autouse=True)
def _receipts_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIPTS", str(tmp_path / "receipts"))
