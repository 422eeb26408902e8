"""Submissions: one job for one key, and batches that are valid as a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe import jobs, storage
from stillframe.errors import RequestNotValid
from stillframe.jobs import view
from stillframe.jobs.submit import submit, submit_all
from stillframe.request import parse
from stillframe.settings import Settings
from unit.stand_ins import URL, queued


def test_one_request_under_one_key_is_one_job(in_memory: Settings) -> None:
    first = submit(parse(URL), caller="token:a", key="k")
    assert submit(parse(URL), caller="token:a", key="k").id == first.id
    assert submit(parse(URL), caller="token:b", key="k").id != first.id
    assert submit(parse(URL), caller="token:a").id != first.id
    with pytest.raises(RequestNotValid, match="another request"):
        submit(parse(URL | {"dark_mode": True}), caller="token:a", key="k")


def test_a_known_job_is_queued_again_only_while_it_waits(in_memory: Settings) -> None:
    """Its submitter may have died before it sent the message; a running job is not queued again."""
    job = submit(parse(URL), key="k")
    submit(parse(URL), key="k")
    assert [json.loads(body)["job"] for body, _ in queued()] == [job.id, job.id]
    job.claim(60)
    assert jobs.configured().save(job)
    submit(parse(URL), key="k")
    assert queued() == []


def test_the_key_of_a_deleted_job_is_refused(in_memory: Settings) -> None:
    """No worker would capture it."""
    view.remove(submit(parse(URL), key="k").id, None, "")
    with pytest.raises(RequestNotValid, match="deleted"):
        submit(parse(URL), key="k")
    batch = submit_all([URL], key="b")
    view.remove(batch.id, None, "")
    with pytest.raises(RequestNotValid, match="deleted"):
        submit_all([URL], key="b")


@pytest.mark.parametrize("key", ["", "x" * 257, "früh", "a\nb"])
def test_a_key_is_short_and_plain(in_memory: Settings, key: str) -> None:
    with pytest.raises(RequestNotValid, match="Idempotency-Key"):
        submit(parse(URL), key=key)


def test_a_batch_that_broke_off_is_completed_by_the_same_request(in_memory: Settings) -> None:
    batch = submit_all([URL, URL | {"dark_mode": True}], key="k")
    assert len(queued()) == 2
    done = jobs.configured().get(batch.members[0])
    assert done is not None
    done.finish(99, result={})
    jobs.configured().save(done)
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


def test_large_options_of_a_batch_are_stored_once(in_memory: Settings) -> None:
    page = {"html_content": "<p>" + "x" * 500_000}
    batch = submit_all([{"window_width": 300 + n} for n in range(20)], page, caller="token:a")
    bodies = [body for body, _ in queued()]
    assert len(bodies) == 20
    assert sum(map(len, bodies)) < 20_000
    key = json.loads(bodies[0])["request_key"]
    kept = storage.configured()
    assert kept is not None
    found = kept.get(key)
    assert found is not None
    assert json.loads(found.data) == page
    assert batch.id in key


def test_small_options_of_a_batch_travel_in_its_messages(in_memory: Settings) -> None:
    submit_all([{"window_width": 300 + n} for n in range(3)], URL, caller="token:a")
    assert [json.loads(body).get("request_key") for body, _ in queued()] == [None] * 3
