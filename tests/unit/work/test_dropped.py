"""Drops: keys as people name them, both kinds of event, every kind of file, and one answer for each write."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from acting import URL, Captures, done, queued

from stillframe import service
from stillframe.drops import event, run
from stillframe.drops.event import Drop, check_apart, read_event, requests_of
from stillframe.drops.run import perform, stem_of
from stillframe.errors import BodyTooLarge, NetworkError, RequestNotValid, StorageUnavailable
from stillframe.settings import Settings
from stillframe.storage.memory import MemoryStorage

pytestmark = pytest.mark.usefixtures("desk_here")

KEYS = [
    "input/page.json",
    "input/two words.json",
    "input/a+b.json",
    "input/100%.json",
    "input/%41.json",
    "input/früh/日本.html",
    "input/😀.md",
    "input/A.URL",
]


def notification(*keys: str, name: str = "ObjectCreated:Put", bucket: str = "in") -> dict[str, Any]:
    """As S3 sends it: keys percent-encoded with plus signs for spaces."""
    return {
        "Records": [
            {
                "eventName": name,
                "s3": {
                    "bucket": {"name": bucket},
                    "object": {"key": quote_plus(k, safe="/"), "size": 3, "eTag": "e"},
                },
            }
            for k in keys
        ]
    }


def eventbridge(key: str, kind: str = "Object Created") -> dict[str, Any]:
    """As EventBridge sends it: keys as they are."""
    return {
        "source": "aws.s3",
        "detail-type": kind,
        "detail": {
            "bucket": {"name": "in"},
            "object": {"key": key, "size": 3, "etag": "e", "version-id": "v"},
        },
    }


def store() -> MemoryStorage:
    found = service.storage()
    assert isinstance(found, MemoryStorage)
    return found


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_read_as_it_was_written(key: str) -> None:
    assert [d.key for d in read_event(notification(key))] == [key]
    assert read_event(eventbridge(key)) == [Drop("in", key, "e", 3, "v")]


@pytest.mark.parametrize(
    "event",
    [
        notification("input/a.png"),
        notification("output/a.json"),
        notification("input/../a.json"),
        notification("input/a.json", bucket="other"),
        notification("input/a.json", name="ObjectRemoved:Delete"),
        eventbridge("input/a.json", "Object Deleted"),
        {"Event": "s3:TestEvent"},
        {"Records": []},
    ],
    ids=lambda e: json.dumps(e)[-60:],
)
def test_what_is_none_of_ours_is_left_out(event: dict[str, Any]) -> None:
    assert read_event(event) == []


def test_every_record_of_an_event_is_a_drop() -> None:
    assert [d.key for d in read_event(notification("input/a.json", "input/b.txt", "input/c.md"))] == [
        "input/a.json",
        "input/c.md",
    ]


@pytest.mark.parametrize("event", [{}, {"source": "aws.ec2", "detail": {}}, {"Records": "x"}])
def test_another_event_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(RequestNotValid):
        read_event(event)


CONTENTS = [
    ("a.url", b"https://example.com/a?b=c\r\n", [{"url": "https://example.com/a?b=c"}]),
    ("a.url", b"\xef\xbb\xbfhttps://example.com/", [{"url": "https://example.com/"}]),
    (
        "A.URL",
        b"[InternetShortcut]\r\nIDList=\r\nURL=https://example.com/\r\nIconIndex=0\r\n",
        [{"url": "https://example.com/"}],
    ),
    ("a.html", b"\xef\xbb\xbf<p>\xc3\xbc\r\n", [{"html_content": "<p>ü\r\n"}]),
    ("a.md", b"# x", [{"markdown": "# x"}]),
    ("a.json", b'\xef\xbb\xbf{"url": "x"}\r\n', [{"url": "x"}]),
    ("a.json", b'[{"url": "x"}, {}]', [{"url": "x"}, {}]),
]


@pytest.mark.parametrize(("key", "data", "requests"), CONTENTS)
def test_a_file_is_understood(key: str, data: bytes, requests: list[dict[str, Any]]) -> None:
    assert requests_of(key, data) == (requests, data.endswith(b"]"))


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("a.json", b""),
        ("a.json", b"[]"),
        ("a.json", b"7"),
        ("a.json", b"[1]"),
        ("a.json", b"\xff"),
        ("a.json", b"[" * 100_000),
        ("a.json", b"[{}" + b",{}" * 5000 + b"]"),
        ("a.url", b""),
        ("a.url", b"ftp://x/"),
        ("a.url", b"see https://x/"),
    ],
)
def test_a_file_that_asks_for_nothing_is_refused(key: str, data: bytes) -> None:
    with pytest.raises(RequestNotValid):
        requests_of(key, data)


def test_every_write_has_results_of_its_own_whatever_its_name() -> None:
    one = stem_of(Drop("in", "input/a.json", "e1", 1))
    assert one.startswith("a.json.")
    assert one != stem_of(Drop("in", "input/a.json", "e2", 1))
    assert one != stem_of(Drop("in", "input/a.json", "e1", 1, "v"))
    assert one == stem_of(Drop("in", "input/a.json", "e1", 2))


def test_the_longest_name_has_a_result_that_s3_can_hold() -> None:
    names = [f"input/{'日' * 300}{end}{'x' * 100}.json" for end in "ab"]
    stems = [stem_of(Drop("in", name, "e", 1)) for name in names]
    assert stems[0] != stems[1]
    assert all(len(f"output/{stem}.0001.report.json".encode()) <= 1_024 for stem in stems)


@pytest.mark.parametrize(
    ("output", "storage", "loops"),
    [
        ("output/", "s3://in/output/", False),
        ("output/", "s3://other/input/", False),
        ("input/x/", "s3://in/x/", True),
        ("output/", "s3://in/", True),
        ("", "s3://in/output/", True),
    ],
)
def test_results_that_would_be_drops_are_refused(output: str, storage: str, loops: bool) -> None:
    config = Settings(input_bucket="in", input_prefix="input/", output_prefix=output, storage_url=storage)
    if not loops:
        check_apart(config)
        return
    with pytest.raises(ValueError, match="captured again"):
        check_apart(config)


# -- performed ------------------------------------------------------------------------------------------------------


def dropping(
    monkeypatch: pytest.MonkeyPatch, content: bytes | BaseException | None, key: str = "input/a b.json"
) -> tuple[Drop, str]:
    def fetch(*_: Any) -> bytes | None:
        if isinstance(content, BaseException):
            raise content
        return content

    monkeypatch.setattr(run, "fetch", fetch)
    found = Drop("in", key, "e", 3)
    return found, stem_of(found)


def written(key: str) -> Any:
    kept = store().get(key)
    assert kept is not None, list(store()._objects)
    return json.loads(kept.data)


def test_a_drop_that_comes_twice_is_captured_once(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, stem = dropping(monkeypatch, json.dumps(URL).encode())
    done(perform(found, None, 60))
    dropping(monkeypatch, AssertionError("an answered drop was read again"))
    done(perform(found, None, 60))
    assert len(captures.asked) == 1
    assert written(f"{stem}.report.json")["artifact"] == f"{stem}.png"
    assert store().get(f"{stem}.png") is not None


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
    found, stem = dropping(monkeypatch, content)
    done(perform(found, None, 60))
    assert written(f"{stem}.error.json")["code"] == code
    assert captures.asked == []


def test_what_was_written_over_is_left_to_the_later_event(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = dropping(monkeypatch, None)
    done(perform(found, None, 60))
    assert store()._objects == {}


def test_an_input_that_cannot_be_read_now_brings_the_event_back(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = dropping(monkeypatch, StorageUnavailable("no"))
    with pytest.raises(StorageUnavailable):
        done(perform(found, None, 60))
    assert store()._objects == {}


def test_a_worker_that_died_before_its_report_left_nothing_wrong(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, stem = dropping(monkeypatch, json.dumps(URL).encode())
    store().put(f"{stem}.png", b"the first worker's", "image/png")
    done(perform(found, None, 60))
    kept = store().get(f"{stem}.png")
    assert kept is not None
    assert kept.data == b"the first worker's"
    assert written(f"{stem}.report.json")["bytes"] == len(kept.data)


@pytest.mark.parametrize(("seconds", "tries"), [(60, 2), (3, 1), (None, 2)])
def test_what_may_pass_is_tried_once_more_while_there_is_time(
    captures: Captures, monkeypatch: pytest.MonkeyPatch, seconds: float | None, tries: int
) -> None:
    found, stem = dropping(monkeypatch, json.dumps(URL).encode())
    captures.answers = [NetworkError("x"), NetworkError("x")]
    done(perform(found, None, seconds))
    assert len(captures.asked) == tries
    assert written(f"{stem}.error.json")["code"] == "network_error"


def test_one_bad_request_of_a_list_does_not_hold_up_the_others(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, stem = dropping(monkeypatch, json.dumps([URL, {"nonsense": 1}, URL]).encode())
    done(perform(found, None, None))
    assert written(f"{stem}.report.json")["items"] == [f"{stem}.{n:04d}" for n in range(3)]
    assert [
        written(f"{stem}.{n:04d}.{kind}.json").get("code")
        for n, kind in enumerate(("report", "error", "report"))
    ] == [None, "request_not_valid", None]


def test_a_list_that_broke_off_in_the_middle_goes_on_there(
    captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, stem = dropping(monkeypatch, json.dumps([URL, URL, URL]).encode())
    put, broken = MemoryStorage.put, [True]

    def failing(self: MemoryStorage, key: str, *args: Any, **more: Any) -> None:
        if key == f"{stem}.0001.png" and broken:
            broken.clear()
            raise StorageUnavailable("no")
        put(self, key, *args, **more)

    monkeypatch.setattr(MemoryStorage, "put", failing)
    with pytest.raises(StorageUnavailable):
        done(perform(found, None, None))
    assert store().get(f"{stem}.report.json") is None
    done(perform(found, None, None))
    assert len(captures.asked) == 4
    assert len([k for k in store()._objects if k.endswith(".png")]) == 3


def test_with_a_queue_a_list_is_a_message_each(
    captures: Captures, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(QUEUE_URL="memory:", JOBS_TABLE="t")
    found, stem = dropping(monkeypatch, json.dumps([URL, URL]).encode())
    done(perform(found, None, None))
    assert [json.loads(b)["stem"] for b, _ in queued()] == [f"{stem}.0000", f"{stem}.0001"]
    assert captures.asked == []
    assert event.ENDINGS == (".json", ".html", ".md", ".url")
