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


YAML = """\
options: &shared
  full_page: yes
requests:
  - url: https://a.example/
  - {url: https://b.example/, filename: 2026-01-01, full_page: false}
"""


@pytest.mark.parametrize("name", ["a.yaml", "a.YML"])
def test_yaml_is_read_as_json_is_and_has_no_dates(name: str) -> None:
    assert requests(YAML, name) == [
        A | {"full_page": True},
        B | {"full_page": False, "filename": "2026-01-01"},
    ]
    assert requests("- https://a.example/\n- https://b.example/\n", name) == [A, B]


def test_yaml_makes_no_objects_of_python() -> None:
    with pytest.raises(RequestNotValid, match="not YAML"):
        rows("- !!python/object/apply:os.system [id]\n", "a.yaml")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_text_file_has_a_url_in_each_line(mark: str) -> None:
    text = f"{mark}# pages\nhttps://a.example/\n\n  b.example \r\n"
    assert requests(text, "a.txt", {"format": "pdf"}) == [
        A | {"format": "pdf"},
        {"url": "https://b.example", "format": "pdf"},
    ]


@pytest.mark.parametrize("line", ["https://a.example/ full_page", "https://a.example/,800", "two words"])
def test_options_in_a_text_file_are_an_error_of_their_row(line: str) -> None:
    found = rows(f"https://a.example/\n{line}\n", "a.txt")
    assert found[0].request == A
    assert found[1].error is not None
    assert found[1].error.message.startswith("line 2: one URL in each line")


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("url,widht\na,5\nb,5\n", "a.csv", "a.csv, line 1: unknown option 'widht'; did you mean 'width'"),
        ("\ufeffurl, fullPage ,viewport\na,,\n", "a.csv", ""),
        ("url;width\na;5\n", "a.csv", "a.csv, line 1: separate the columns with commas"),
        ("https://a.example/\nhttps://b.example/\n", "a.csv", "a.csv, line 1: the first line must name"),
        ('{"a":\n 5 6}', "a.json", "a.json, line 2, column 4: not JSON"),
        ("- a: [\n", "a.yaml", "a.yaml, line 2: not YAML"),
    ],
    ids=lambda text: text[:20],
)
def test_a_manifest_that_cannot_be_read_names_its_line_once(text: str, name: str, words: str) -> None:
    if not words:
        assert len(rows(text, name)) == 1
        return
    with pytest.raises(RequestNotValid) as refused:
        rows(text, name)
    assert refused.value.message.startswith(words)


def test_a_row_that_cannot_be_read_names_its_line() -> None:
    found = rows('url,format\n"a\nb",png\nc,png,5\n', "a.csv")
    assert found[1].error is not None
    assert found[1].error.message.startswith("line 4: ")
    (bad,) = [row for row in rows('\n{"url": "a"}\n{"url" 5}\n', "a.jsonl") if row.error]
    assert bad.error is not None
    assert bad.error.message.startswith("line 3, column 8: not JSON")


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
