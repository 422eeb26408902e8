"""One message of the queue: answered once, retried only after retryable errors, never lost."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from stillframe import jobs, storage
from stillframe.errors import (
    NetworkError,
    ResultTooLarge,
    SelectorNotFound,
    StorageUnavailable,
)
from stillframe.jobs import Job, messages, view
from stillframe.jobs.memory import MemoryJobs
from stillframe.jobs.messages import Capture
from stillframe.jobs.submit import submit
from stillframe.request import parse
from stillframe.settings import settings
from stillframe.storage.memory import MemoryStorage
from stillframe.worker.handle import RetryLater, handle_message
from unit.stand_ins import HOOK, URL, Captures, done, picture, queued

pytestmark = pytest.mark.usefixtures("in_memory")


def taken(**options: Any) -> tuple[str, str]:
    """A submitted job: its id, and its message from the queue."""
    job = submit(parse(URL | options))
    return job.id, queued()[0][0]


def job_of(id: str) -> Job:
    job = jobs.configured().get(id)
    assert job is not None
    return job


def store() -> MemoryStorage:
    found = storage.configured()
    assert isinstance(found, MemoryStorage)
    return found


# -- messages that cannot be read

POISON = [
    "",
    "{",
    "7",
    "[]",
    '{"job": 5}',
    '{"job": null}',
    '{"job": "a", "more": 1}',
    '{"webhook": "a", "attempt": "2"}',
    '{"result_prefix": ["a"], "request": {}}',
    '{"result_prefix": "a"}',
    # A message must not act in the name of a token's caller.
    '{"job": "j", "request": {}, "caller": "token:0123456789abcdef"}',
    '{"job": "j", "request": {}, "caller": ""}',
    "[" * 100_000,
]


@pytest.mark.parametrize("body", POISON, ids=lambda body: body[:40] or "empty")
def test_poison_is_stored_with_its_reason_and_not_retried(body: str) -> None:
    done(handle_message(body, message_id="m-1"))
    done(handle_message(body, message_id="m-1"))  # delivered twice
    kept = store().get("poison/m-1.error.json")
    assert kept is not None
    found = json.loads(kept.data)
    assert found["body"] == body
    assert found["reason"].startswith("The message is not")


def test_poison_without_a_storage_goes_to_the_dead_letter_queue(configure: Any) -> None:
    configure(STORAGE_URL="")
    with pytest.raises(RetryLater) as caught:
        done(handle_message("{", message_id="m-1"))
    assert caught.value.final


# -- one answer


def test_a_message_that_comes_twice_is_captured_once(captures: Captures) -> None:
    id, body = taken()
    done(handle_message(body, message_id="m"))
    done(handle_message(body, message_id="m"))
    job = job_of(id)
    assert (job.status, job.attempts, len(captures.asked)) == ("done", 1, 1)
    assert job.key is not None
    assert job.key.endswith(f"{id}.png")
    kept = store().get(job.key)
    assert kept is not None
    assert kept.data == b"picture"
    assert job.result is not None
    assert "url" not in job.result
    assert job.result["key"] == job.key


def test_a_bare_request_is_answered_under_its_messages_name(captures: Captures) -> None:
    done(handle_message(json.dumps(URL | {"external_id": "mine"}), message_id="m-7"))
    assert (job_of("m-7").status, job_of("m-7").external_id) == ("done", "mine")


def test_a_scheduled_row_gets_its_record_from_the_worker(captures: Captures) -> None:
    body = json.dumps({"job": "row-1", "request": URL, "caller": "schedule"})
    done(handle_message(body, message_id="m-1"))
    done(handle_message(body, message_id="m-2"))  # the run was delivered twice
    assert (job_of("row-1").status, job_of("row-1").caller) == ("done", "schedule")
    assert captures.callers == ["schedule"]
    job = job_of("row-1")
    job.delete()
    assert jobs.configured().save(job)
    done(handle_message(body, message_id="m-3"))
    assert len(captures.asked) == 1, "a deleted job is not captured again"


@pytest.mark.parametrize("request_", [None, 7, {"nonsense": 1}], ids=str)
def test_a_request_that_is_not_valid_is_the_jobs_answer(captures: Captures, request_: Any) -> None:
    jobs.configured().add(Job("j"))
    done(handle_message(json.dumps({"job": "j", "request": request_}), message_id="m"))
    assert job_of("j").error is not None
    assert job_of("j").error["code"] == "request_not_valid"  # type: ignore[index]
    assert captures.asked == []


def test_an_unexpected_fault_is_an_answer_in_the_end(captures: Captures) -> None:
    """Without an answer the job would stay in `running`."""
    captures.answers = [TypeError("a fault")] * 3
    id, body = taken()
    for receives in (1, 2, 3):
        with pytest.raises(RetryLater):
            done(handle_message(body, message_id="m", receives=receives))
    assert job_of(id).error is not None
    assert job_of(id).error["code"] == "internal_error"  # type: ignore[index]


@pytest.mark.parametrize("stored", [None, b"{", b"\xff\xfe"])
def test_a_stored_request_that_is_gone_or_damaged_is_the_jobs_answer(
    captures: Captures, stored: bytes | None
) -> None:
    jobs.configured().add(Job("j"))
    if stored is not None:
        store().put("requests/j.json", stored, "application/json")
    done(handle_message(messages.write(Capture("j", request_key="requests/j.json")), message_id="m"))
    assert (job_of("j").status, captures.asked) == ("failed", [])


def test_a_stored_request_is_captured(captures: Captures) -> None:
    jobs.configured().add(Job("j"))
    store().put("requests/j.json", json.dumps(URL | {"dark_mode": True}).encode(), "application/json")
    done(handle_message(messages.write(Capture("j", request_key="requests/j.json")), message_id="m"))
    assert captures.asked[0].dark_mode
    assert job_of("j").status == "done"


def test_stored_options_of_a_batch_are_completed_by_those_of_the_message(captures: Captures) -> None:
    jobs.configured().add(Job("j"))
    shared = URL | {"dark_mode": True, "window_width": 500}
    store().put("requests/b.json", json.dumps(shared).encode(), "application/json")
    body = messages.write(Capture("j", {"window_width": 300}, "requests/b.json"))
    done(handle_message(body, message_id="m"))
    assert (captures.asked[0].dark_mode, captures.asked[0].window_width) == (True, 300)


def test_an_error_that_is_not_retryable_is_not_retried(captures: Captures) -> None:
    id, body = taken()
    captures.answers = [SelectorNotFound("no")]
    done(handle_message(body, message_id="m"))
    assert (job_of(id).status, job_of(id).error["code"]) == ("failed", "selector_not_found")  # type: ignore[index]


def test_a_retryable_error_is_retried_with_growing_pauses_and_then_answered(captures: Captures) -> None:
    id, body = taken()
    captures.answers = [NetworkError("x")] * 4
    pauses = []
    for receives in (1, 2):
        with pytest.raises(RetryLater) as caught:
            done(handle_message(body, message_id="m", receives=receives))
        pauses.append((caught.value.seconds, caught.value.final))
        assert (job_of(id).status, job_of(id).error) == ("queued", None)
    assert pauses == [(5, False), (30, False)]
    with pytest.raises(RetryLater) as caught:
        done(handle_message(body, message_id="m", receives=3))
    assert caught.value.final
    assert (job_of(id).status, job_of(id).error["code"]) == ("failed", "network_error")  # type: ignore[index]


def test_a_dead_letter_that_is_sent_again_gets_a_new_answer_and_webhook(captures: Captures) -> None:
    id, body = taken(webhook_url=HOOK)
    captures.answers = [NetworkError("x")]
    with pytest.raises(RetryLater):
        done(handle_message(body, message_id="m", receives=3))
    assert [json.loads(b) for b, _ in queued()] == [{"webhook": id, "attempt": 1}]
    failed = job_of(id)
    assert failed.webhook is not None
    failed.webhook.status, failed.webhook.attempts = "delivered", 1
    jobs.configured().save(failed)
    done(handle_message(body, message_id="m", receives=1))
    job = job_of(id)
    assert (job.status, job.error, job.attempts) == ("done", None, 2)
    assert job.key is not None
    assert job.key.endswith("-2.png")
    assert [json.loads(b) for b, _ in queued()] == [{"webhook": id, "attempt": 1}]


def test_a_dead_letter_can_be_sent_again_for_as_long_as_its_queue_keeps_it(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, body = taken()
    captures.answers = [NetworkError("x")]
    with pytest.raises(RetryLater):
        done(handle_message(body, message_id="m", receives=3))
    later = time.time() + 14 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert job_of(id).status == "failed"
    done(handle_message(body, message_id="m"))
    assert job_of(id).status == "done"
    assert job_of(id).expires_at == later + settings().job_ttl


def test_the_webhook_is_queued_again_after_a_worker_died_before_it(captures: Captures) -> None:
    id, body = taken(webhook_url=HOOK)
    job = job_of(id)
    job.claim(60)
    job.finish(99, result={})
    jobs.configured().save(job)
    done(handle_message(body, message_id="m"))
    assert captures.asked == []
    assert [json.loads(b)["webhook"] for b, _ in queued()] == [id]


def test_a_claimed_job_is_not_captured_until_its_claim_expires(captures: Captures) -> None:
    id, body = taken()
    job = job_of(id)
    job.claim(60)
    jobs.configured().save(job)
    with pytest.raises(RetryLater) as caught:
        done(handle_message(body, message_id="m"))
    assert 55 < caught.value.seconds <= 61
    assert not caught.value.final
    job = job_of(id)
    job.claimed_until = time.time() - 1
    jobs.configured().save(job)
    done(handle_message(body, message_id="m"))
    assert job_of(id).status == "done"


@pytest.mark.parametrize("gone", ["deleted", "unknown"])
def test_a_deleted_or_unknown_job_is_not_captured(captures: Captures, gone: str) -> None:
    id, body = taken()
    if gone == "deleted":
        view.remove(id, store(), "")
    else:
        jobs.configured.cache_clear()
    done(handle_message(body, message_id="m"))
    assert captures.asked == []


# -- changes during a capture


def test_the_artefact_of_a_job_that_is_deleted_meanwhile_is_removed(captures: Captures) -> None:
    id, body = taken()
    captures.answers = [lambda: view.remove(id, store(), "")]
    done(handle_message(body, message_id="m"))
    assert len(captures.asked) == 1
    assert store()._objects == {}


def test_the_artefact_of_a_worker_that_was_too_late_is_removed(captures: Captures) -> None:
    """Another worker claimed and answered the job: its answer stays, and the late artifact is deleted."""
    id, body = taken()

    def overtaken() -> None:
        job = job_of(id)
        job.claimed_until = time.time() - 1
        jobs.configured().save(job)
        done_by_other = job_of(id)
        done_by_other.claim(60)
        done_by_other.key = "other.png"
        done_by_other.finish(99, result={"format": "png"})
        store().put("other.png", b"other", "image/png")
        jobs.configured().save(done_by_other)

    captures.answers = [overtaken]
    done(handle_message(body, message_id="m"))
    assert list(store()._objects) == ["other.png"]
    assert job_of(id).key == "other.png"


def test_a_storage_that_fails_once_costs_an_attempt_and_no_answer(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, body = taken()
    put = MemoryStorage.put

    def broken(*_: Any, **__: Any) -> None:
        raise StorageUnavailable("no")

    monkeypatch.setattr(MemoryStorage, "put", broken)
    with pytest.raises(RetryLater):
        done(handle_message(body, message_id="m"))
    assert job_of(id).status == "queued"
    monkeypatch.setattr(MemoryStorage, "put", put)
    done(handle_message(body, message_id="m", receives=2))
    assert job_of(id).status == "done"


def test_a_table_that_fails_after_the_capture_costs_an_attempt_and_no_answer(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, body = taken()
    save = MemoryJobs.save
    monkeypatch.setattr(
        MemoryJobs, "save", lambda self, job: (job.status == "running" and save(self, job)) or fail()
    )

    def fail() -> bool:
        if job_of(id).status == "running" and captures.asked:
            raise StorageUnavailable("no")
        return True

    with pytest.raises(RetryLater) as caught:
        done(handle_message(body, message_id="m"))
    assert not caught.value.final
    monkeypatch.setattr(MemoryJobs, "save", save)
    assert job_of(id).status == "running"
    with pytest.raises(RetryLater):  # the claim of the first attempt has not expired
        done(handle_message(body, message_id="m", receives=2))


def test_a_message_goes_to_the_dead_letter_queue_when_the_table_stays_unavailable(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, body = taken()

    def away(*_: Any) -> None:
        raise StorageUnavailable("no")

    monkeypatch.setattr(MemoryJobs, "get", away)
    finals = []
    for receives in (1, 2, 3):
        with pytest.raises(RetryLater) as caught:
            done(handle_message(body, message_id="m", receives=receives))
        finals.append(caught.value.final)
    assert finals == [False, False, True]


def test_a_large_result_without_a_storage_does_not_break_the_table(
    captures: Captures, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table item holds 400 KB: each attempt to save the job would fail, and it would have no answer."""
    configure(STORAGE_URL="")
    id, body = taken()
    monkeypatch.setattr(jobs, "durable", lambda: True)
    captures.answers = [picture(b"x" * 400_000)]
    done(handle_message(body, message_id="m"))
    assert job_of(id).error is not None
    assert job_of(id).error["code"] == ResultTooLarge.code  # type: ignore[index]
