"""Cache keys, object keys and request ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from stillframe.keys import cache_key, new_request_id, object_key
from stillframe.request import parse
from stillframe.request.templates import templates

URL = {"url": "https://example.com/"}


SAME = [
    ({"width": 800}, {"window_width": 800}),
    ({"format": "png"}, {}),
    ({"fullPage": True}, {"full_page": True}),
    ({"response_type": "json"}, {}),
    ({"filename": "x"}, {}),
    ({"timeout": 5000}, {}),
    ({"cache": True, "cache_ttl": 7}, {}),
    ({"external_id": "a"}, {}),
    ({"store": True}, {}),
    ({"window_width": 375}, {"window_width": 375.0}),
]
OTHER = [
    {"format": "jpeg"},
    {"window_width": 801},
    {"cache_key": "b"},
    {"dark_mode": True},
    {"custom_js": "1"},
    {"cookies": ["a=1"]},
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=str)
def test_equivalent_requests_have_the_same_cache_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert cache_key(parse(URL | one)) == cache_key(parse(URL | other))


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_different_requests_have_different_cache_keys(other: dict[str, Any]) -> None:
    assert cache_key(parse(URL | other)) != cache_key(parse(URL))


def test_a_template_has_the_same_cache_key_as_its_options() -> None:
    assert cache_key(parse(URL | {"template": "mobile"})) == cache_key(parse(URL | templates()["mobile"]))


def test_object_keys_are_dated_and_unique() -> None:
    key = object_key("png", datetime(2026, 3, 4, tzinfo=UTC))
    assert re.fullmatch(r"2026/03/[0-9a-f-]{36}\.png", key)
    assert key != object_key("png", datetime(2026, 3, 4, tzinfo=UTC))


def test_request_ids_sort_by_time() -> None:
    first, second = new_request_id(), new_request_id()
    assert len(first) == len(second) == 27
    assert first[:11] <= second[:11]
    assert first != second
