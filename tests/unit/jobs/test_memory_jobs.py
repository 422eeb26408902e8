"""The job store of the process: conditional changes, expiry and eviction."""

from __future__ import annotations

import time

from stillframe.jobs import Job
from stillframe.jobs.memory import MemoryJobs


def test_a_change_of_an_outdated_job_is_refused() -> None:
    jobs = MemoryJobs()
    assert jobs.add(Job("a")) is None
    one, other = jobs.get("a"), jobs.get("a")
    assert one is not None
    assert other is not None
    one.claim(60)
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


def test_an_expired_job_is_gone_and_its_id_free() -> None:
    jobs = MemoryJobs()
    jobs.add(Job("a", expires_at=time.time() - 1))
    assert jobs.get("a") is None
    assert jobs.add(Job("a")) is None


def test_a_full_store_evicts_finished_jobs_before_queued_ones() -> None:
    jobs = MemoryJobs(max_jobs=2)
    jobs.add(Job("waits"))
    jobs.add(Job("done", status="done"))
    jobs.add(Job("new"))
    assert [jobs.get(id) is not None for id in ("waits", "done", "new")] == [True, False, True]
    jobs.add(Job("newer"))
    assert [jobs.get(id) is not None for id in ("waits", "new", "newer")] == [False, True, True]
