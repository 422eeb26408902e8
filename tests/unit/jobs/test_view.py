"""Jobs as callers see them, and their deletion."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe import jobs
from stillframe.errors import NotFound
from stillframe.jobs import Job, Webhook, view
from stillframe.jobs.submit import submit, submit_all
from stillframe.request import parse
from stillframe.settings import Settings
from stillframe.storage import configured
from unit.stand_ins import HOOK, URL


def test_a_job_is_shown_with_a_newly_signed_link(in_memory: Settings) -> None:
    job = Job("a", external_id="mine", webhook=Webhook(HOOK))
    job.finish(99, result={"format": "png"})
    job.key = "2026/a.png"
    shown = view.show(job, configured(), "http://h")
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
def test_the_state_of_a_batch_is_that_of_its_members(
    in_memory: Settings, statuses: list[Any], status: str
) -> None:
    members = [f"m{i}" for i in range(len(statuses))]
    for id, each in zip(members, statuses, strict=True):
        if each is not None:  # None: it has expired
            jobs.configured().add(
                Job(id, status=each, finished_at=5.0 if each in ("done", "failed") else None)
            )
    shown = view.show(Job("b", members=members), None, "")
    assert shown["status"] == status
    assert (shown["finished_at"] is not None) == (status == "done")
    assert sum(shown["counts"].values()) == len([s for s in statuses if s])


def test_deleting_a_batch_deletes_its_members_and_their_artefacts(in_memory: Settings) -> None:
    store = configured()
    assert store is not None
    batch = submit_all([URL, URL])
    first = jobs.configured().get(batch.members[0])
    assert first is not None
    first.finish(99, result={"report": {"debug": {"key": "k.debug.html"}}})
    first.key = "k.png"
    jobs.configured().save(first)
    store.put("k.png", b"x", "image/png")
    store.put("k.debug.html", b"x", "text/html")
    view.remove(batch.id, store, "")
    assert store.get("k.png") is store.get("k.debug.html") is None
    for id in (batch.id, *batch.members):
        with pytest.raises(NotFound):
            view.find(id, "")


def test_a_job_belongs_to_the_caller_that_submitted_it() -> None:
    job = submit(parse(URL), caller="token:a", owner="token:a")
    assert view.find(job.id, "token:a").id == job.id
    for other in ("token:b", "", "direct"):
        with pytest.raises(NotFound):
            view.find(job.id, other)
        with pytest.raises(NotFound):
            view.remove(job.id, None, other)
    assert view.find(job.id, "token:a").id == job.id


def test_the_members_of_a_batch_belong_to_its_caller() -> None:
    batch = submit_all([URL, URL], caller="token:a", owner="token:a")
    for id in (batch.id, *batch.members):
        assert view.find(id, "token:a")
        with pytest.raises(NotFound):
            view.find(id, "token:b")


def test_every_caller_may_read_a_job_of_a_schedule() -> None:
    job = submit(parse(URL), caller="schedule")
    assert view.find(job.id, "token:a").id == job.id
