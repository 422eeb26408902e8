"""docs/limits.md has every limit, and a request beyond one is answered as the page says."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from stillframe import doors
from stillframe.errors import RequestNotValid
from stillframe.jobs.submit import validated
from stillframe.request import parse
from stillframe.settings import rows
from stillframe.steps.archive import open_archive

from .scripts import script

LIMITS = script("limits", "docs/tools")
TABLES = LIMITS.TABLES
PAGE = {"url": "https://example.com/"}
# The limit, a value for it, and a request that is beyond that value.
BEYOND: dict[str, tuple[str, dict[str, Any]]] = {
    "MAX_URL_LENGTH": ("25", {"url": "https://example.com/abcdef"}),
    "MAX_HTML_BYTES": ("10", {"html_content": "<p>eleven</p>"}),
    "MAX_JS_BYTES": ("10", PAGE | {"custom_js": "let a = 'long'"}),
    "MAX_HEADERS": ("1", PAGE | {"custom_headers": {"A": "1", "B": "2"}}),
    "MAX_HEADER_BYTES": ("10", PAGE | {"custom_headers": {"Name": "value-of-it"}}),
    "MAX_INTERACTIONS": ("1", PAGE | {"interactions": [{"action": "scroll", "x": 0, "y": 9}] * 2}),
    "MAX_SELECTOR_LENGTH": ("10", PAGE | {"selector": "main > p > span"}),
    "MAX_WIDTH": ("1999", PAGE | {"window_width": 2000}),
    "MAX_HEIGHT": ("1999", PAGE | {"window_height": 2000}),
    "MAX_PIXELS": ("10000", PAGE | {"window_width": 200, "window_height": 200}),
    "MAX_TIMEOUT_MS": ("100", PAGE | {"timeout": 200}),
    "MAX_PRESIGN_TTL": ("100", PAGE | {"presign_ttl": 200}),
}


def refused(table: dict[str, str]) -> set[str]:
    return {name for name, beyond in table.items() if beyond.startswith("400 `request_not_valid`")}


def test_every_limit_of_the_settings_is_on_the_page() -> None:
    listed = {name for table in TABLES.values() for name in table}
    assert {row.env for row in rows() if row.group == "limits"} <= listed


def test_every_door_is_on_the_page() -> None:
    declared = {value.name for value in vars(doors).values() if isinstance(value, doors.Door)}
    assert {door.name for door in LIMITS.DOORS.values()} == declared


def test_every_limit_that_refuses_a_request_is_tried() -> None:
    claimed = set().union(*map(refused, TABLES.values()))
    # An archive is unpacked later, and a batch holds requests: the tests below.
    assert claimed - {"MAX_ARCHIVE_BYTES", "MAX_BATCH"} == set(BEYOND)


@pytest.mark.parametrize("name", BEYOND)
def test_a_request_beyond_a_limit_is_not_valid(name: str, configure: Callable[..., Any]) -> None:
    limit, request = BEYOND[name]
    parse(request)
    configure(**{name: limit})
    with pytest.raises(RequestNotValid):
        parse(request)


def test_an_archive_beyond_its_limit_is_not_valid() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.html", "x" * 100)
    packed = base64.b64encode(buffer.getvalue()).decode()
    open_archive(packed, None, 100)
    with pytest.raises(RequestNotValid):
        open_archive(packed, None, 99)


def test_a_batch_beyond_its_limit_is_not_valid(configure: Callable[..., Any]) -> None:
    configure(MAX_BATCH="1")
    assert len(validated([PAGE], {})) == 1
    with pytest.raises(RequestNotValid):
        validated([PAGE, PAGE], {})
