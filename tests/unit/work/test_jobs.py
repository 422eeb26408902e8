"""Jobs: their states, who holds them, one key for one wish, and what callers see of them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from acting import HOOK, URL, queued

from stillframe.errors import NotFound, RequestNotValid
from stillframe.jobs import Job, Webhook, desk, view
from stillframe.jobs.memory import MemoryJobs
from stillframe.jobs.submit import submit, submit_all
from stillframe.request import parse
from stillframe.service import storage
from stillframe.settings import Settings

ERROR = {"code": "network_error", "retryable": True}


# -- states ---------------------------------------------------------------------------------------------------------


def test_one_worker_holds_a_job_until_its_claim_ends() -> None:
    job = Job("a")
    assert job.take(60)
    assert (job.status, job.attempts) == ("running", 1)
    assert not job.take(60)
    job.claimed_until = time.time() - 1  # its worker died
    assert job.take(60)
    assert job.attempts == 2


def test_a_released_job_waits_again_and_is_nobodys() -> None:
    job = Job("a")
    job.take(60)
    job.release()
    assert (job.status, job.claim) == ("queued", None)
    assert job.take(60)


@pytest.mark.parametrize(
    ("result", "error", "status", "answered"),
    [
        ({"format": "png"}, None, "done", True),
        (None, {"code": "selector_not_found", "retryable": False}, "failed", True),
        (None, ERROR, "failed", False),
    ],
)
def test_a_failure_that_may_pass_is_no_answer_for_ever(
    result: Any, error: Any, status: str, answered: bool
) -> None:
    job = Job("a")
    job.finish(100, result=result, error=error)
    assert (job.status, job.answered) == (status, answered)
    assert job.finished_at is not None
    assert job.expires_at == pytest.approx(job.finished_at + 100)


def test_another_attempt_forgets_the_failure_and_what_was_told_of_it() -> None:
    """A dead letter that is sent again has a new answer, and its receiver must hear of that too."""
    job = Job("a", webhook=Webhook(HOOK, "delivered", 3, "200"))
    job.finish(100, error=ERROR)
    assert job.take(60)
    assert (job.error, job.finished_at, job.webhook) == (None, None, Webhook(HOOK))


@pytest.mark.parametrize(("letter", "fits", "much"), [("a", 250_000, 300_000), ("網", 40_000, 60_000)])
def test_a_report_that_a_row_cannot_hold_is_left_out(letter: str, fits: int, much: int) -> None:
    """A table row takes 400 KB as it is spelled, and there a Chinese character has six letters."""
    for length, kept in ((fits, True), (much, False)):
        job = Job("a")
        job.finish(9, result={"format": "png", "report": {"title": letter * length}})
        assert job.result is not None
        assert ("title" in job.result["report"]) is kept
        assert len(json.dumps(job.to_dict())) < 390_000
        assert job.result["format"] == "png"


def test_a_deleted_job_has_nothing_left_of_its_answer() -> None:
    job = Job("a", webhook=Webhook(HOOK))
    job.finish(9, result={"file": "x"})
    job.key = "k"
    job.delete()
    assert (job.deleted, job.result, job.key, job.webhook) == (True, None, None, None)


def test_a_job_is_written_and_read_whole() -> None:
    job = Job("a", "f", webhook=Webhook(HOOK, attempts=2), members=["b"], external_id="ü", presign_ttl=7)
    assert Job.from_dict(json.loads(json.dumps(job.to_dict()))) == job


# -- the process's own table ----------------------------------------------------------------------------------------


def test_a_change_of_what_somebody_else_changed_is_refused() -> None:
    jobs = MemoryJobs()
    assert jobs.add(Job("a")) is None
    one, other = jobs.get("a"), jobs.get("a")
    assert one is not None
    assert other is not None
    one.take(60)
    assert jobs.save(one)
    other.delete()
    assert not jobs.save(other)
    assert jobs.get("a") == one


def test_the_first_of_two_jobs_with_one_id_stays() -> None:
    jobs = MemoryJobs()
    jobs.add(Job("a", "first"))
    known = jobs.add(Job("a", "second"))
    assert known is not None
    assert known.fingerprint == "first"


def test_a_job_whose_time_is_over_is_gone_and_its_id_free() -> None:
    jobs = MemoryJobs()
    jobs.add(Job("a", expires_at=time.time() - 1))
    assert jobs.get("a") is None
    assert jobs.add(Job("a")) is None


def test_a_full_table_forgets_finished_jobs_before_those_that_wait() -> None:
    jobs = MemoryJobs(max_jobs=2)
    jobs.add(Job("waits"))
    jobs.add(Job("done", status="done"))
    jobs.add(Job("new"))
    assert [jobs.get(id) is not None for id in ("waits", "done", "new")] == [True, False, True]
    jobs.add(Job("newer"))
    assert [jobs.get(id) is not None for id in ("waits", "new", "newer")] == [False, True, True]


# -- taken ----------------------------------------------------------------------------------------------------------


def test_one_wish_under_one_key_is_one_job(desk_here: Settings) -> None:
    first = submit(parse(URL), caller="token:a", key="k")
    assert submit(parse(URL), caller="token:a", key="k").id == first.id
    assert submit(parse(URL), caller="token:b", key="k").id != first.id
    assert submit(parse(URL), caller="token:a").id != first.id
    with pytest.raises(RequestNotValid, match="another request"):
        submit(parse(URL | {"dark_mode": True}), caller="token:a", key="k")


def test_a_known_job_is_queued_again_only_while_it_waits(desk_here: Settings) -> None:
    """Whoever made it may have died before it was queued; one that is worked on is left alone."""
    job = submit(parse(URL), key="k")
    submit(parse(URL), key="k")
    assert [json.loads(body)["job"] for body, _ in queued()] == [job.id, job.id]
    job.take(60)
    assert desk.jobs().save(job)
    submit(parse(URL), key="k")
    assert queued() == []


def test_the_key_of_a_deleted_job_is_refused(desk_here: Settings) -> None:
    """Nobody would work on it, so a receipt for it would be a promise to nobody."""
    view.remove(submit(parse(URL), key="k").id, None)
    with pytest.raises(RequestNotValid, match="deleted"):
        submit(parse(URL), key="k")
    batch = submit_all([URL], key="b")
    view.remove(batch.id, None)
    with pytest.raises(RequestNotValid, match="deleted"):
        submit_all([URL], key="b")


@pytest.mark.parametrize("key", ["", "x" * 257, "früh", "a\nb"])
def test_a_key_is_short_and_plain(desk_here: Settings, key: str) -> None:
    with pytest.raises(RequestNotValid, match="Idempotency-Key"):
        submit(parse(URL), key=key)


def test_a_batch_that_broke_off_is_completed_by_the_same_wish(desk_here: Settings) -> None:
    batch = submit_all([URL, URL | {"dark_mode": True}], key="k")
    assert len(queued()) == 2
    done = desk.jobs().get(batch.members[0])
    assert done is not None
    done.finish(99, result={})
    desk.jobs().save(done)
    again = submit_all([URL, URL | {"dark_mode": True}], key="k")
    assert again.members == batch.members
    assert [json.loads(body)["job"] for body, _ in queued()] == [batch.members[1]]


@pytest.mark.parametrize(
    ("requests", "match"),
    [([], "empty"), ([URL, {"url": 7}, 3], r"requests\[1\].*requests\[2\]"), ([URL] * 3, "limit of 2")],
)
def test_a_batch_is_valid_as_a_whole_or_refused(configure: Any, requests: Any, match: str) -> None:
    configure(MAX_BATCH="2" if len(requests) == 3 and requests[2] == URL else "9")
    with pytest.raises(RequestNotValid, match=match):
        submit_all(requests)
    assert queued() == []


# -- seen -----------------------------------------------------------------------------------------------------------


def test_a_job_is_shown_with_a_link_of_now(desk_here: Settings) -> None:
    job = Job("a", external_id="mine", webhook=Webhook(HOOK))
    job.finish(99, result={"format": "png"})
    job.key = "2026/a.png"
    shown = view.show(job, storage(), "http://h")
    assert shown["result"]["url"].startswith("http://h/files/2026/a.png?expires=")
    assert (shown["id"], shown["status"], shown["external_id"]) == ("a", "done", "mine")
    assert shown["webhook"] == {"status": "pending", "attempts": 0, "answer": None}
    assert "url" not in (job.result or {})


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["queued", "queued"], "queued"),
        (["queued", "running"], "running"),
        (["done", "queued"], "running"),
        (["done", "failed"], "done"),
        (["done", None], "done"),
    ],
)
def test_a_batch_is_what_its_members_are(desk_here: Settings, statuses: list[Any], status: str) -> None:
    members = [f"m{i}" for i in range(len(statuses))]
    for id, each in zip(members, statuses, strict=True):
        if each is not None:  # None: its time is over
            desk.jobs().add(Job(id, status=each, finished_at=5.0 if each in ("done", "failed") else None))
    shown = view.show(Job("b", members=members), None, "")
    assert shown["status"] == status
    assert (shown["finished_at"] is not None) == (status == "done")
    assert sum(shown["counts"].values()) == len([s for s in statuses if s])


def test_a_deleted_batch_takes_its_members_and_their_pictures_along(desk_here: Settings) -> None:
    store = storage()
    assert store is not None
    batch = submit_all([URL, URL])
    first = desk.jobs().get(batch.members[0])
    assert first is not None
    first.finish(99, result={})
    first.key = "k.png"
    desk.jobs().save(first)
    store.put("k.png", b"x", "image/png")
    view.remove(batch.id, store)
    assert store.get("k.png") is None
    for id in (batch.id, *batch.members):
        with pytest.raises(NotFound):
            view.find(id)
