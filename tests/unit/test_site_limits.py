"""A bounded number of captures of one site at once: what a site is, and what happens at the bound."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from stillframe import jobs, site_limits, telemetry
from stillframe.batch.manifest import Row
from stillframe.batch.results_log import ResultsLog
from stillframe.batch.runner import BatchRun
from stillframe.drops import run
from stillframe.drops.event import InputObject
from stillframe.errors import StorageUnavailable, TargetBusy
from stillframe.jobs import Job
from stillframe.queues.memory import MemoryQueue
from stillframe.site_limits.memory import MemoryPlaces
from stillframe.worker.handle import RetryLater, handle_message
from unit.stand_ins import Captures, done, picture, queued


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://example.com/a", "example.com"),
        ("https://a.b.example.com:8443/", "example.com"),
        ("https://www.example.co.uk./", "example.co.uk"),
        ("https://one.github.io/", "one.github.io"),
        ("https://github.io/", "github.io"),
        ("https://münchen.example.de/", "example.de"),
        ("https://WWW.EXAMPLE.COM/", "example.com"),
        ("http://localhost:8080/", "localhost"),
        ("http://192.0.2.7/", "192.0.2.7"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("file:///etc/passwd", None),
        ("data:text/html,x", None),
        ("http://[/", None),
        ("https://", None),
    ],
)
def test_a_site_is_a_registrable_domain(url: str, site: str | None) -> None:
    assert site_limits.site_of(url) == site


def test_places_are_counted_for_each_site_and_end_with_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    places, now = MemoryPlaces(), 100.0
    monkeypatch.setattr("stillframe.site_limits.memory.time.monotonic", lambda: now)
    first, second = places.take("a", 2, 30), places.take("a", 2, 60)
    assert first
    assert second
    assert places.take("a", 2, 60) is None
    assert places.take("b", 2, 60) is not None
    places.free(first)
    third = places.take("a", 2, 30)
    assert third
    assert places.take("a", 2, 30) is None
    now = 131.0
    assert places.take("a", 2, 30) is not None, "the place of a worker that died is free again"
    places.free(first)  # freed twice: it is nobody else's
    assert places.take("a", 2, 30) is None


URL = {"url": "https://www.example.com/1"}


def hold() -> None:
    """Take every place of the site for longer than the test."""
    assert all(site_limits.configured().take("example.com", 2, 600) for _ in range(2))


@pytest.fixture(autouse=True)
def two(in_memory: Any, configure: Any) -> None:
    configure(MAX_PER_SITE="2")


def test_a_place_is_freed_after_success_and_after_failure() -> None:
    async def main() -> None:
        for _ in range(5):
            async with site_limits.place(URL["url"], 60):
                pass
            with pytest.raises(ZeroDivisionError):
                async with site_limits.place(URL["url"], 60):
                    _ = 1 / 0
        async with site_limits.place(URL["url"], 60), site_limits.place(URL["url"], 60):
            with pytest.raises(TargetBusy) as busy:
                await site_limits.place(URL["url"], 60).__aenter__()
            assert busy.value.retry_after is not None
            assert 5 <= busy.value.retry_after <= 15
            async with site_limits.place("https://example.org/", 60), site_limits.place(None, 60):
                pass

    asyncio.run(main())


def test_zero_means_no_limit_and_a_table_that_fails_does_not_stop_captures(
    configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise StorageUnavailable("down")

    async def main() -> None:
        async with site_limits.place(URL["url"], 60):
            pass

    hold()
    configure(MAX_PER_SITE="0")
    asyncio.run(main())
    configure(MAX_PER_SITE="2")
    monkeypatch.setattr(MemoryPlaces, "take", fail)
    asyncio.run(main())


def test_a_job_that_waits_for_its_site_comes_back_without_a_failed_attempt(captures: Captures) -> None:
    jobs.configured().add(Job("j", caller="direct"))
    body = json.dumps({"job": "j", "request": URL})
    hold()
    done(handle_message(body, message_id="m", receives=5))
    job = jobs.configured().get("j")
    assert job is not None
    assert (job.status, job.attempts, captures.asked) == ("queued", 0, [])
    ((again, delay),) = queued()
    assert json.loads(again) == json.loads(body)
    assert 5 <= delay <= 15
    site_limits.configured.cache_clear()  # the site is free
    done(handle_message(again, message_id="m-2"))
    job = jobs.configured().get("j")
    assert job is not None
    assert (job.status, job.attempts) == ("done", 1)
    assert job.key is not None
    assert job.key.endswith("j.png"), "a job that only waited has no second attempt in its key"


def test_the_age_of_a_job_is_told_once_when_it_has_its_place(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(telemetry, "count", lambda name, *_: told.append(name))
    jobs.configured().add(Job("j"))
    hold()
    body = json.dumps({"job": "j", "request": URL})
    for _ in range(3):
        done(handle_message(body, message_id="m"))
    assert told == []
    site_limits.configured.cache_clear()  # the site is free
    done(handle_message(body, message_id="m"))
    assert told == ["QueueAge"]


def test_a_queue_that_does_not_answer_keeps_the_message(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(*_: Any) -> None:
        raise StorageUnavailable("down")

    jobs.configured().add(Job("j"))
    hold()
    monkeypatch.setattr(MemoryQueue, "send", send)
    with pytest.raises(RetryLater) as retry:
        done(handle_message(json.dumps({"job": "j", "request": URL}), message_id="m"))
    assert not retry.value.final


def test_a_bare_request_keeps_its_name_while_it_waits(captures: Captures) -> None:
    hold()
    done(handle_message(json.dumps(URL), message_id="m-7"))
    ((again, _),) = queued()
    assert json.loads(again) == {"job": "m-7", "request": URL}


def test_a_deleted_job_does_not_come_back(captures: Captures, monkeypatch: pytest.MonkeyPatch) -> None:
    store = jobs.configured()
    store.add(Job("j"))
    hold()
    saves = []

    def save(job: Job) -> bool:
        saves.append(job.status)
        return len(saves) == 1  # the claim; somebody deletes the job before its release

    monkeypatch.setattr(store, "save", save)
    done(handle_message(json.dumps({"job": "j", "request": URL}), message_id="m"))
    assert (saves, queued()) == (["running", "queued"], [])


def test_an_item_of_a_list_comes_back(captures: Captures) -> None:
    body = json.dumps({"result_prefix": "a", "request": URL})
    hold()
    done(handle_message(body, message_id="m", receives=5))
    ((again, delay),) = queued()
    assert json.loads(again) == json.loads(body)
    assert delay >= 5
    assert captures.asked == []


def test_a_drop_waits_in_the_queue(
    captures: Captures, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "fetch", lambda source, account: json.dumps(URL).encode())
    source = InputObject("in", "input/a.json", "e", 3)
    prefix = run.result_prefix_of(source)
    hold()
    with pytest.raises(TargetBusy):
        done(run.handle_object(source, None, 60))  # without a queue, Lambda gives the event again
    sent: list[str] = []
    config = configure()
    hold()
    monkeypatch.setattr(run.queues, "configured", lambda: Sender(sent))
    monkeypatch.setattr(run, "settings", lambda: Queued(config))
    done(run.handle_object(source, None, 60))
    assert [json.loads(body) for body in sent] == [{"result_prefix": prefix, "request": URL}]
    assert captures.asked == []


class Sender:
    """In place of a queue."""

    def __init__(self, sent: list[str]) -> None:
        self.sent = sent

    def send(self, bodies: list[str], delay: int = 0) -> None:
        self.sent += bodies


class Queued:
    """Settings with a queue."""

    def __init__(self, config: Any) -> None:
        self.config, self.queue_url = config, "https://sqs.example/q"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.config, name)


def test_a_local_batch_waits_for_its_turn(
    captures: Captures, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, most = 0, 0

    async def capture(request: Any, *_: Any, **__: Any) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return picture()

    monkeypatch.setattr("stillframe.batch.runner.service.capture", capture)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0.001)

    rows = [Row(n, {"url": f"https://{n}.example.com/"}) for n in range(1, 13)]
    with ResultsLog(tmp_path) as log:
        batch = BatchRun(log, 6, sleep=sleep)
        asyncio.run(batch.run(iter(rows), lambda: None))
    assert (batch.done, most) == (12, 2)
    assert waits
