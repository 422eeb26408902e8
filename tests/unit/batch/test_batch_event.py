"""Events that submit jobs: the same event makes the same jobs, and a bad row is reported."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from stillframe import jobs, queues
from stillframe.batch import event as batch_event
from stillframe.batch.event import Submitted, submit_event
from stillframe.errors import RequestNotValid, StorageUnavailable
from stillframe.queues.sqs import SqsQueue
from stillframe.request import CaptureRequest
from stillframe.storage import s3
from unit.stand_ins import URL, queued

CSV = "url,full_page,block_urls\nhttps://a.example/,yes,\nhttps://b.example/,,a b\n"
A, B = {"url": "https://a.example/"}, {"url": "https://b.example/"}
JSONL = f"{json.dumps(A)}\n\n  \n{json.dumps(B)}"


class Bucket:
    """In place of an S3 client: one object for every key."""

    class exceptions:  # noqa: N801
        ClientError = KeyError

    def __init__(self, data: bytes) -> None:
        self.data, self.keys = data, list[str]()

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self.keys.append(f"{Bucket}/{Key}")
        return {"ContentLength": len(self.data), "Body": io.BytesIO(self.data)}


@pytest.fixture
def run(in_memory: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    def scheduled(event: dict[str, Any], data: bytes = b"", fallback: str | None = None) -> Submitted:
        monkeypatch.setattr(s3, "S3Storage", lambda uri: SimpleNamespace(client=Bucket(data)))
        return submit_event(event, caller="schedule", fallback=fallback)

    return scheduled


@pytest.mark.parametrize("key", ["manifests/a.csv", "manifests/früh 日本+.csv", f"manifests/{'x' * 300}.csv"])
def test_a_manifest_of_any_name_is_run_once_for_each_time(run: Any, key: str) -> None:
    event = {"manifest": key, "at": "2026-11-21T05:00:00Z"}
    first = run(event, CSV.encode())
    assert (len(first.jobs), first.refused) == (2, [])
    assert run(event, CSV.encode()).jobs == first.jobs
    assert run(event | {"at": "2026-11-22T05:00:00Z"}, CSV.encode()).jobs != first.jobs
    assert (
        run({"manifest": key}, CSV.encode(), "request-1").jobs
        == run({"manifest": key}, CSV.encode(), "request-1").jobs
    )


def test_the_options_of_an_event_are_every_rows(run: Any) -> None:
    run({"manifest": "manifests/a.jsonl", "options": {"dark_mode": True}}, JSONL.encode())
    assert [json.loads(b)["request"].get("dark_mode") for b, _ in queued()] == [True, True]


def test_lines_end_where_json_says(run: Any) -> None:
    text = json.dumps({"html_content": "a\u2028b"}, ensure_ascii=False) + "\r\n" + json.dumps(A)
    done = run({"manifest": "manifests/a.jsonl"}, b"\xef\xbb\xbf" + text.encode())
    assert (len(done.jobs), done.refused) == (2, [])


def test_a_bad_row_is_named_and_does_not_hold_up_the_others(run: Any) -> None:
    done = run({"requests": [URL, {"nonsense": 1}, 7, URL], "at": "x"})
    assert (len(done.jobs), len(set(done.jobs)), [r["row"] for r in done.refused]) == (2, 2, [2, 3])
    assert [json.loads(body)["job"] for body, _ in queued()] == done.jobs
    assert all(jobs.configured().get(id) is None for id in done.jobs), "the worker makes the records"


@pytest.mark.parametrize(
    "event",
    [
        {"manifest": "input/a.json"},
        {"manifest": 7},
        {"manifest": "manifests/a.csv", "url": "x"},
        {"manifest": "manifests/a.csv", "options": 7},
        {"requests": []},
        {"requests": [URL], "options": 7},
        {"detail-type": "Scheduled Event"},
    ],
)
def test_an_event_that_asks_for_nothing_fails_the_run(run: Any, event: dict[str, Any]) -> None:
    with pytest.raises(RequestNotValid):
        run(event, CSV.encode())


def test_an_empty_or_oversized_manifest_fails_the_run(run: Any) -> None:
    for data in (b"", b"url\r\n", b"url\n" + b"x" * 20_000_000):
        with pytest.raises(RequestNotValid):
            run({"manifest": "manifests/a.csv"}, data)


def test_a_row_that_cannot_be_queued_does_not_hold_up_the_others(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run fails when all have been tried, and given again it makes what is missing and nothing twice."""
    event = {"requests": [URL, URL | {"full_page": True}, URL], "at": "x"}
    write = batch_event.message_of

    def refusing(request: CaptureRequest, **more: Any) -> tuple[str, str]:
        if request.full_page:
            raise StorageUnavailable("no storage today")
        return write(request, **more)

    monkeypatch.setattr(batch_event, "message_of", refusing)
    with pytest.raises(StorageUnavailable):
        run(event)
    first = [body for body, _ in queued()]
    monkeypatch.setattr(batch_event, "message_of", write)
    jobs = run(event).jobs
    second = [body for body, _ in queued()]
    assert (len(first), len(jobs), len(set(jobs))) == (2, 3, 3)
    assert {json.loads(body)["job"] for body in first + second} == set(jobs)
    assert [json.loads(body)["request"].get("full_page") for body in second].count(True) == 1


class Sqs:
    """In place of an SQS client: counts requests and messages, and refuses one request of them."""

    def __init__(self, refused: int) -> None:
        self.sizes: list[int] = []
        self.refused = refused

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        self.sizes.append(len(Entries))
        return {"Failed": [{}] if len(self.sizes) == self.refused else []}


@pytest.mark.parametrize(("refused", "queued_rows"), [(0, 5_003), (3, 4_993)])
def test_a_long_manifest_takes_one_request_for_ten_rows_and_no_table(
    run: Any, monkeypatch: pytest.MonkeyPatch, refused: int, queued_rows: int
) -> None:
    client, queue = Sqs(refused), SqsQueue("https://sqs.example/q")
    queue.client = client  # type: ignore[assignment, misc]
    monkeypatch.setattr(queues, "configured", lambda: queue)
    monkeypatch.setattr(batch_event.queues, "configured", lambda: queue)
    data = "url\n" + "".join(f"https://example.com/{n}\n" for n in range(5_003))
    found: list[str] = []
    if refused:
        with pytest.raises(StorageUnavailable):
            run({"manifest": "manifests/a.csv", "at": "x"}, data.encode())
    else:
        found = run({"manifest": "manifests/a.csv", "at": "x"}, data.encode()).jobs
        assert len(set(found)) == queued_rows
    assert (len(client.sizes), sum(client.sizes)) == (501, 5_003)
    assert all(jobs.configured().get(id) is None for id in found)
