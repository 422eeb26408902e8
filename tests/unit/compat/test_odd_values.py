"""Whatever stands in a foreign request, it becomes a request or an error that names the option."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe import compat
from stillframe.compat.service import translate
from stillframe.error_body import error_body
from stillframe.errors import RequestNotValid
from stillframe.request import parse
from stillframe.request.reading import validate

from .test_tables import URL, body_of

ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    float("1e308"),
    "",
    " ",
    "x",
    "9" * 5000,
    "\ud800",
    "\x00",
    "a=b;c",
    "[",
    '["\\ud800"]',
    "{}",
    [],
    [[]],
    [None],
    ["\ud800=1"],
    [{}],
    [{"\ud800": 1}],
    {},
    {"a": {"b": []}},
    {"\ud800": "x"},
]


@pytest.mark.parametrize("name", [name for name in compat.SERVICES if name != "pixashot"])
def test_an_odd_value_is_understood_or_refused(name: str) -> None:
    service = compat.service(name)
    messages = [""]
    for path in dict.fromkeys(path for group in service.plain for path in group):
        route = service.route(path)
        assert route is not None
        for option, value in [(row, value) for row in [*route.rows, "\ud800", "x" * 200] for value in ODD]:
            try:
                validate(translate(service, route, body_of(option, value))[0])
            except RequestNotValid as error:
                # What the response would carry.
                json.dumps(error_body(error, "id"), ensure_ascii=False).encode()
                messages.append(error.message)
    assert len(max(messages, key=len)) < 2000


def test_an_odd_body_at_capture_is_understood_or_refused() -> None:
    for name in ("viewport", "gotoOptions", "headers", "cookie", "clip", "delay", "waitForTimeout", "\ud800"):
        for value in ODD:
            for more in ({}, {"dpr": 2}, {"hover": "#a"}, {"\ud800": 1}):
                try:
                    parse(URL | {name: value} | more)
                except RequestNotValid as error:
                    json.dumps(error_body(error, "id"), ensure_ascii=False).encode()


def translated(name: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    service = compat.service(name)
    route = service.route(path)
    assert route is not None
    return translate(service, route, body)[0]


@pytest.mark.parametrize("entry", [True, {"a": 1}, ["a", None], [["a"]]])
def test_an_entry_of_a_document_is_a_text(entry: Any) -> None:
    body = URL | {"metadata": json.dumps({"Title": entry})}
    with pytest.raises(RequestNotValid, match="must be a text"):
        translated("gotenberg", "forms/chromium/convert/url", body)


def test_an_entry_without_a_value_is_not_written() -> None:
    body = URL | {"metadata": json.dumps({"Title": None, "Keywords": ["a", 2]})}
    found = translated("gotenberg", "forms/chromium/convert/url", body)
    assert found["pdf_metadata"] == {"keywords": "a, 2"}


@pytest.mark.parametrize("value", [False, [], {}])
def test_a_page_range_that_is_no_text_is_not_passed_over(value: Any) -> None:
    with pytest.raises(RequestNotValid, match="pageRanges: must be a text"):
        validate(translated("browserless", "pdf", URL | {"options": {"pageRanges": value}}))


@pytest.mark.parametrize(
    ("name", "path", "option"),
    [("screenshotone", "take", "block_requests"), ("urlbox", "v1/render/sync", "block_urls")],
)
def test_an_empty_pattern_blocks_nothing(name: str, path: str, option: str) -> None:
    assert translated(name, path, URL | {option: ["", " ", "ads"]})["block_urls"] == ["ads"]
    # One star alone is every URL.
    assert translated(name, path, URL | {option: ["*"]})["block_urls"] == ["*"]


@pytest.mark.parametrize("name", ["viewport", "gotoOptions", "options"])
def test_an_object_that_is_null_is_left_out(name: str) -> None:
    assert translated("browserless", "screenshot", URL | {name: None}) == translated(
        "browserless", "screenshot", URL
    )


def test_a_name_with_a_dot_is_no_path() -> None:
    with pytest.raises(RequestNotValid, match="write `width` in the object `viewport`"):
        translated("browserless", "screenshot", URL | {"viewport.width": 800})
    with pytest.raises(RequestNotValid, match=r"unknown option 'viewport\.depth'"):
        translated("browserless", "screenshot", URL | {"viewport.depth": 1})
    with pytest.raises(RequestNotValid, match=r"unknown option 'viewport\.width'"):
        parse(URL | {"viewport.width": 800})
