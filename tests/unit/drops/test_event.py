"""Input objects: keys as people name them, both kinds of event, every kind of file."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from stillframe.drops.event import InputObject, check_apart, read_event, requests_of
from stillframe.errors import RequestNotValid
from stillframe.settings import Settings

pytestmark = pytest.mark.usefixtures("in_memory")

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


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_read_as_it_was_written(key: str) -> None:
    assert [d.key for d in read_event(notification(key))] == [key]
    assert read_event(eventbridge(key)) == [InputObject("in", key, "e", 3, "v")]


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
def test_an_object_elsewhere_is_left_out(event: dict[str, Any]) -> None:
    assert read_event(event) == []


def test_every_record_of_an_event_is_an_input_object() -> None:
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
def test_results_that_would_be_input_objects_are_refused(output: str, storage: str, loops: bool) -> None:
    config = Settings(input_bucket="in", input_prefix="input/", output_prefix=output, storage_url=storage)
    if not loops:
        check_apart(config)
        return
    with pytest.raises(ValueError, match="captured again"):
        check_apart(config)
