"""Input objects: one answer for each write, stored under its prefix."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from stillframe import jobs, service, storage
from stillframe.drops import run
from stillframe.drops.event import InputObject
from stillframe.drops.run import handle_object, result_prefix_of
from stillframe.errors import (
    BodyTooLarge,
    NetworkError,
    RequestNotValid,
    SelectorNotFound,
    StorageUnavailable,
)
from stillframe.jobs import messages
from stillframe.jobs.memory import MemoryJobs
from stillframe.jobs.messages import CaptureItem
from stillframe.result import CaptureResult
from stillframe.storage.memory import MemoryStorage
from stillframe.worker.handle import handle_message
from unit.stand_ins import HOOK, URL, Captures, done, picture, queued

pytestmark = pytest.mark.usefixtures("in_memory")


def store() -> MemoryStorage:
    found = storage.configured()
    assert isinstance(found, MemoryStorage)
    return found


def test_every_write_has_its_own_result_prefix() -> None:
    one = result_prefix_of(InputObject("in", "input/a.json", "e1", 1))
    assert one.startswith("a.json.")
    assert one != result_prefix_of(InputObject("in", "input/a.json", "e2", 1))
    assert one != result_prefix_of(InputObject("in", "input/a.json", "e1", 1, "v"))
    assert one == result_prefix_of(InputObject("in", "input/a.json", "e1", 2))


def test_the_longest_name_has_a_result_that_s3_can_hold() -> None:
    names = [f"input/{'日' * 300}{end}{'x' * 100}.json" for end in "ab"]
    prefixes = [result_prefix_of(InputObject("in", name, "e", 1)) for name in names]
    assert prefixes[0] != prefixes[1]
    assert all(len(f"output/{prefix}.0001.report.json".encode()) <= 1_024 for prefix in prefixes)


def dropping(
    monkeypatch: pytest.MonkeyPatch, content: bytes | BaseException | None, key: str = "input/a b.json"
) -> tuple[InputObject, str]:
    def fetch(*_: Any) -> bytes | None:
        if isinstance(content, BaseException):
            raise content
        return content

    monkeypatch.setattr(run, "fetch", fetch)
    found = InputObject("in", key, "e", 3)
    return found, result_prefix_of(found)


def written(key: str) -> Any:
    kept = store().get(key)
    assert kept is not None, list(store()._objects)
    return json.loads(kept.data)


def test_an_object_that_is_delivered_twice_is_captured_once(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, prefix = dropping(monkeypatch, json.dumps(URL).encode())
    done(handle_object(found, None, 60))
    dropping(monkeypatch, AssertionError("an answered input object was read again"))
    done(handle_object(found, None, 60))
    assert len(captures.asked) == 1
    report = written(f"{prefix}.report.json")
    assert report["artifact"] == report["key"] == f"{prefix}.png"
    assert store().get(f"{prefix}.png") is not None


def concurrently(
    monkeypatch: pytest.MonkeyPatch, source: InputObject, first: CaptureResult | Exception, second: Any
) -> None:
    """Deliver one event twice: both capture before either has an answer, and `first` ends first."""

    async def main() -> None:
        outcomes = [first, second]
        started, both_started, first_ended = asyncio.Semaphore(0), asyncio.Event(), asyncio.Event()

        async def capture(*_: Any, **__: Any) -> CaptureResult:
            outcome = outcomes.pop(0)
            started.release()
            await (both_started if outcome is first else first_ended).wait()
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(service, "capture", capture)
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            one = group.create_task(handle_object(source, None, 60))
            await started.acquire()
            group.create_task(handle_object(source, None, 60))
            await started.acquire()
            both_started.set()
            await one
            first_ended.set()

    asyncio.run(main())


@pytest.mark.parametrize("second", [picture(b"later bytes"), SelectorNotFound("x")], ids=["done", "failed"])
@pytest.mark.parametrize("first", [picture(b"bytes"), SelectorNotFound("x")], ids=["done", "failed"])
def test_two_deliveries_at_once_leave_one_answer(
    monkeypatch: pytest.MonkeyPatch, configure: Any, first: Any, second: Any
) -> None:
    """The cost is a second capture; the answer and its webhook are those of the delivery that ended first."""
    configure(QUEUE_URL="memory:", JOBS_TABLE="")
    table = MemoryJobs()
    monkeypatch.setattr(jobs, "configured", lambda: table)
    source, prefix = dropping(monkeypatch, json.dumps(URL | {"webhook_url": HOOK}).encode())
    concurrently(monkeypatch, source, first, second)
    assert len(queued()) == 1
    if isinstance(first, Exception):
        assert list(store()._objects) == [f"{prefix}.error.json"]
        return
    assert sorted(store()._objects) == [f"{prefix}.png", f"{prefix}.report.json"]
    stored = store().get(f"{prefix}.png")
    assert stored is not None
    assert (stored.data, written(f"{prefix}.report.json")["bytes"]) == (b"bytes", len(b"bytes"))


def test_a_report_describes_the_stored_artefact_of_another_delivery(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one stored its artifact while this one captured, and has not stored its report."""
    source, prefix = dropping(monkeypatch, json.dumps(URL).encode())
    captures.answers = [
        lambda: store().put(f"{prefix}.png", b"theirs", "image/png", metadata={"size": "40x90"})
    ]
    done(handle_object(source, None, 60))
    report = written(f"{prefix}.report.json")
    assert (report["bytes"], report["width"], report["height"]) == (6, 40, 90)


def test_the_size_of_an_artefact_is_stored_with_it(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, prefix = dropping(monkeypatch, json.dumps(URL).encode())
    done(handle_object(source, None, 60))
    stored = store().get(f"{prefix}.png")
    assert stored is not None
    assert (stored.metadata or {})["size"] == "4x3"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "request_not_valid"),
        (b'{"nonsense": 1}', "request_not_valid"),
        (BodyTooLarge("x"), "body_too_large"),
    ],
)
def test_what_cannot_be_captured_has_its_error_beside_it(
    captures: Captures, monkeypatch: pytest.MonkeyPatch, content: Any, code: str
) -> None:
    found, prefix = dropping(monkeypatch, content)
    done(handle_object(found, None, 60))
    assert written(f"{prefix}.error.json")["code"] == code
    assert captures.asked == []


def test_an_overwritten_object_is_left_to_its_later_event(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = dropping(monkeypatch, None)
    done(handle_object(found, None, 60))
    assert store()._objects == {}


def test_the_event_is_retried_when_the_input_bucket_is_unavailable(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = dropping(monkeypatch, StorageUnavailable("no"))
    with pytest.raises(StorageUnavailable):
        done(handle_object(found, None, 60))
    assert store()._objects == {}


def test_a_report_is_of_the_artefact_that_a_dead_worker_stored(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, prefix = dropping(monkeypatch, json.dumps(URL).encode())
    store().put(f"{prefix}.png", b"the first worker's", "image/png")
    done(handle_object(found, None, 60))
    kept = store().get(f"{prefix}.png")
    assert kept is not None
    assert kept.data == b"the first worker's"
    assert written(f"{prefix}.report.json")["bytes"] == len(kept.data)


@pytest.mark.parametrize(("seconds", "tries"), [(60, 2), (3, 1), (None, 2)])
def test_a_retryable_error_is_retried_once_while_there_is_time(
    captures: Captures, monkeypatch: pytest.MonkeyPatch, seconds: float | None, tries: int
) -> None:
    found, prefix = dropping(monkeypatch, json.dumps(URL).encode())
    captures.answers = [NetworkError("x"), NetworkError("x")]
    done(handle_object(found, None, seconds))
    assert len(captures.asked) == tries
    assert written(f"{prefix}.error.json")["code"] == "network_error"


def test_one_bad_request_of_a_list_does_not_hold_up_the_others(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, prefix = dropping(monkeypatch, json.dumps([URL, {"nonsense": 1}, URL]).encode())
    done(handle_object(found, None, None))
    assert written(f"{prefix}.report.json")["items"] == [f"{prefix}.{n:04d}" for n in range(3)]
    assert [
        written(f"{prefix}.{n:04d}.{kind}.json").get("code")
        for n, kind in enumerate(("report", "error", "report"))
    ] == [None, "request_not_valid", None]


def test_a_list_that_broke_off_in_the_middle_is_resumed(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, prefix = dropping(monkeypatch, json.dumps([URL, URL, URL]).encode())
    put, broken = MemoryStorage.put, [True]

    def failing(self: MemoryStorage, key: str, *args: Any, **more: Any) -> None:
        if key == f"{prefix}.0001.png" and broken:
            broken.clear()
            raise StorageUnavailable("no")
        put(self, key, *args, **more)

    monkeypatch.setattr(MemoryStorage, "put", failing)
    with pytest.raises(StorageUnavailable):
        done(handle_object(found, None, None))
    assert store().get(f"{prefix}.report.json") is None
    done(handle_object(found, None, None))
    assert len(captures.asked) == 4
    assert len([k for k in store()._objects if k.endswith(".png")]) == 3


def test_with_a_queue_a_list_is_a_message_each(
    captures: Captures, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(QUEUE_URL="memory:", JOBS_TABLE="t")
    found, prefix = dropping(monkeypatch, json.dumps([URL, URL]).encode())
    done(handle_object(found, None, None))
    assert [json.loads(b)["result_prefix"] for b, _ in queued()] == [f"{prefix}.0000", f"{prefix}.0001"]
    assert captures.asked == []


def test_an_item_of_a_list_is_answered_under_its_prefix(captures: Captures) -> None:
    body = messages.write(CaptureItem("a b/ü+1.json.123.0000", URL))
    for _ in range(2):
        done(handle_message(body, message_id="m"))
    assert len(captures.asked) == 1
    assert sorted(store()._objects) == ["a b/ü+1.json.123.0000.png", "a b/ü+1.json.123.0000.report.json"]
    assert run.output() is store()


def test_an_option_name_that_utf8_cannot_encode_is_a_bad_request(captures: Captures) -> None:
    done(handle_message('{"result_prefix": "a", "request": {"\\ud800": 1}}', message_id="m"))
    kept = store().get("a.error.json")
    assert kept is not None
    assert json.loads(kept.data)["code"] == RequestNotValid.code


def test_a_title_that_utf8_cannot_encode_is_stored(captures: Captures) -> None:
    """A page may set such a title."""
    odd = picture()
    odd.metadata = {"title": "\ud83d"}
    captures.answers = [odd]
    done(handle_message(messages.write(CaptureItem("a", URL)), message_id="m"))
    kept = store().get("a.report.json")
    assert kept is not None
    assert json.loads(kept.data)["metadata"]["title"] == "\ud83d"
