"""Manifests as spreadsheets and editors write them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from stillframe.batch import manifest
from stillframe.batch.manifest import Row
from stillframe.errors import RequestNotValid
from stillframe.request.defaults import with_defaults

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
def test_a_manifest_without_requests_is_refused(text: str, name: str) -> None:
    with pytest.raises(RequestNotValid):
        rows(text, name)


def test_a_rows_own_option_wins_by_whatever_name() -> None:
    shared = {"window_width": 5, "fullPage": True, "format": "pdf"}
    assert with_defaults(shared, {"width": 7, "full_page": False}) == {
        "format": "pdf",
        "width": 7,
        "full_page": False,
    }
    assert requests(json.dumps({"requests": [A], "options": {"format": "jpeg"}}), "a.json", shared) == [
        shared | {"format": "jpeg"} | A
    ]
