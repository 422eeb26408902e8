"""Manifests as spreadsheets and editors write them, and schedules that run them."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from acting import URL, queued

from stillframe.batch import manifest, schedule
from stillframe.batch.manifest import Row
from stillframe.batch.schedule import Run, submit_scheduled
from stillframe.errors import RequestNotValid, StorageUnavailable
from stillframe.jobs import desk
from stillframe.jobs.model import Job
from stillframe.request import CaptureRequest
from stillframe.request.defaults import merged
from stillframe.storage import s3

A, B = {"url": "https://a.example/"}, {"url": "https://b.example/"}


def rows(text: str, name: str, options: dict[str, Any] | None = None) -> list[Row]:
    return list(manifest.read(io.StringIO(text, newline=""), name, options))


def requests(text: str, name: str, options: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    found = rows(text, name, options)
    assert [r.error for r in found] == [None] * len(found)
    assert [r.number for r in found] == list(range(1, len(found) + 1))
    return [r.request for r in found]


CSV = "url,full_page,block_urls\nhttps://a.example/,yes,\nhttps://b.example/,,a b\n"
SAME = [A | {"full_page": True}, B | {"block_urls": ["a b"]}]
JSONL = f"{json.dumps(A)}\n\n  \n{json.dumps(B)}"


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        CSV.replace("\n", "\r\n"),
        CSV.replace("\n", "\r"),
        "\ufeff" + CSV,
        CSV.rstrip(),
        CSV.replace("\nhttps://b", "\n\nhttps://b"),
        CSV.replace("url,full_page", " url , full_page"),
    ],
    ids=repr,
)
def test_a_csv_is_read_however_it_was_saved(text: str) -> None:
    assert requests(text, "A.CSV") == SAME


@pytest.mark.parametrize(
    "text", [JSONL, JSONL.replace("\n", "\r\n"), "\ufeff" + JSONL, JSONL + "\n\n"], ids=repr
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson"])
def test_json_lines_are_read_however_they_were_saved(text: str, name: str) -> None:
    assert requests(text, name) == [A, B]


@pytest.mark.parametrize("value", [[A, B], {"requests": [A, B]}, {"requests": [A, B], "options": {}}])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_json_document_is_read(value: Any, mark: str) -> None:
    assert requests(mark + json.dumps(value), "a.json") == [A, B]


def test_a_text_may_hold_every_kind_of_line_end() -> None:
    odd = "a\u2028b\x85c\x0cd"
    assert requests(json.dumps({"html_content": odd}, ensure_ascii=False) + "\n", "a.jsonl") == [
        {"html_content": odd}
    ]
    assert requests(f'html_content\n{odd}\n"x\r\ny"\n', "a.csv") == [
        {"html_content": odd},
        {"html_content": "x\r\ny"},
    ]


@pytest.mark.parametrize(
    ("text", "name", "bad"),
    [
        ("url\na\nb,c\nd\n", "a.csv", 2),
        ('url\na\nb"\n"' + "x" * 200_000 + '"\nd\n', "a.csv", 3),
        ('{"url": "a"}\n{"url": \n{"url": "d"}\n', "a.jsonl", 2),
        ('{"url": "a"}\n7\n{"url": "d"}\n', "a.jsonl", 2),
        ('{"url": "a"}\n' + "[" * 100_000 + '\n{"url": "d"}\n', "a.jsonl", 2),
        ('[{"url": "a"}, "b", {"url": "d"}]', "a.json", 2),
    ],
    ids=["cells", "field", "cut", "number", "deep", "text"],
)
def test_a_bad_row_is_named_and_the_others_are_read(text: str, name: str, bad: int) -> None:
    found = rows(text, name)
    assert [r.number for r in found if r.error] == [bad]
    assert found[0].request == {"url": "a"}
    assert found[-1].request == {"url": "d"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "a.csv"),
        ("url\n", "a.csv"),
        ("\ufeff", "a.csv"),
        ("x" * 200_000, "a.csv"),
        ("", "a.jsonl"),
        ("\n \r\n", "a.jsonl"),
        ("", "a.json"),
        ("[]", "a.json"),
        ('{"requests": []}', "a.json"),
        ('{"requests": [{}], "options": 5}', "a.json"),
        ('{"requests": [{}], "options": "ab"}', "a.json"),
        ('{"requests": [{}], "shared": {}}', "a.json"),
        ("[]", "a.txt"),
        ("[", "a.json"),
    ],
    ids=lambda v: v[:30],
)
def test_what_asks_for_nothing_is_refused(text: str, name: str) -> None:
    with pytest.raises(RequestNotValid):
        rows(text, name)


def test_a_rows_own_option_wins_by_whatever_name() -> None:
    shared = {"window_width": 5, "fullPage": True, "format": "pdf"}
    assert merged(shared, {"width": 7, "full_page": False}) == {
        "format": "pdf",
        "width": 7,
        "full_page": False,
    }
    assert requests(json.dumps({"requests": [A], "options": {"format": "jpeg"}}), "a.json", shared) == [
        shared | {"format": "jpeg"} | A
    ]


# -- schedules ------------------------------------------------------------------------------------------------------


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
def run(desk_here: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    def scheduled(event: dict[str, Any], data: bytes = b"", fallback: str | None = None) -> Run:
        monkeypatch.setattr(s3, "S3Storage", lambda uri: SimpleNamespace(client=Bucket(data)))
        return submit_scheduled(event, fallback)

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
    assert all(desk.jobs().get(id) is not None for id in done.jobs)


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
    for data in (b"", b"url\r\n", b"x" * 5_000_001):
        with pytest.raises(RequestNotValid):
            run({"manifest": "manifests/a.csv"}, data)


def test_a_row_that_cannot_be_queued_does_not_hold_up_the_others(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run fails when all have been tried, and given again it makes what is missing and nothing twice."""
    event = {"requests": [URL, URL | {"full_page": True}, URL], "at": "x"}
    write = schedule.submit

    def refusing(request: CaptureRequest, **more: Any) -> Job:
        if request.full_page:
            raise StorageUnavailable("no storage today")
        return write(request, **more)

    monkeypatch.setattr(schedule, "submit", refusing)
    with pytest.raises(StorageUnavailable):
        run(event)
    first = [body for body, _ in queued()]
    monkeypatch.setattr(schedule, "submit", write)
    jobs = run(event).jobs
    second = [body for body, _ in queued()]
    assert (len(first), len(jobs), len(set(jobs))) == (2, 3, 3)
    assert {json.loads(body)["job"] for body in first + second} == set(jobs)
    assert [json.loads(body)["request"].get("full_page") for body in second].count(True) == 1
