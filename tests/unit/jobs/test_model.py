"""Jobs: states, claims, expiry and what is stored."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from stillframe.jobs import Job, Webhook
from unit.stand_ins import HOOK

ERROR = {"code": "network_error", "retryable": True}


def test_a_job_has_one_claim_until_it_expires() -> None:
    job = Job("a")
    assert job.claim(60)
    assert (job.status, job.attempts) == ("running", 1)
    assert not job.claim(60)
    job.claimed_until = time.time() - 1  # its worker died
    assert job.claim(60)
    assert job.attempts == 2


def test_a_released_job_is_queued_and_unclaimed() -> None:
    job = Job("a")
    job.claim(60)
    job.release()
    assert (job.status, job.claimed_until) == ("queued", 0.0)
    assert job.claim(60)


@pytest.mark.parametrize(
    ("result", "error", "status", "answered"),
    [
        ({"format": "png"}, None, "done", True),
        (None, {"code": "selector_not_found", "retryable": False}, "failed", True),
        (None, ERROR, "failed", False),
    ],
)
def test_a_retryable_failure_is_not_a_final_answer(
    result: Any, error: Any, status: str, answered: bool
) -> None:
    job = Job("a")
    job.finish(100, result=result, error=error)
    assert (job.status, job.answered) == (status, answered)
    assert job.finished_at is not None
    assert job.expires_at == pytest.approx(job.finished_at + 100)


def test_another_attempt_resets_the_failure_and_its_webhook() -> None:
    """A dead letter that is sent again gets a new answer, which its webhook must deliver too."""
    job = Job("a", webhook=Webhook(HOOK, "delivered", 3, "200"))
    job.finish(100, error=ERROR)
    assert job.claim(60)
    assert (job.error, job.finished_at, job.webhook) == (None, None, Webhook(HOOK))


@pytest.mark.parametrize(("letter", "fits", "much"), [("a", 250_000, 300_000), ("網", 40_000, 60_000)])
def test_a_report_that_a_table_item_cannot_hold_is_left_out(letter: str, fits: int, much: int) -> None:
    """A table item holds 400 KB, and in its JSON a Chinese character takes six bytes."""
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


def test_fields_of_other_versions_are_ignored() -> None:
    assert Job.from_dict({"id": "a", "claim": "0f", "created_at": 1.0, "expires_at": 2.0}) == Job(
        "a", created_at=1.0, expires_at=2.0
    )
