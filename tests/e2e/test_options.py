"""The table of options, through every door."""

from __future__ import annotations

import cases_document
import cases_page
import cases_picture
import pytest
from cases import SMALL, TABLE, Case
from entries import Direct, Http, Lambda, command_line, in_process
from origins import Origins

from stillframe.request import CaptureRequest

ROWS = (cases_document, cases_page, cases_picture)

EVERY = pytest.mark.parametrize("row", TABLE, ids=[c.name for c in TABLE])
SHARED = [c for c in TABLE if not c.lonely]


@EVERY
def test_in_the_process(row: Case, site: Origins, deployed: object) -> None:
    row.check(in_process(row.request(site)), site)


@pytest.mark.parametrize(("number", "row"), list(enumerate(TABLE)), ids=[c.name for c in TABLE])
def test_over_http(number: int, row: Case, site: Origins, http: Http) -> None:
    """By POST and GET in turn, on a real socket to a server process."""
    http.method = "GET" if number % 2 else "POST"
    answer = http(row.request(site))
    row.check(answer, site)
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"


KINDS = ("rest_api_v1", "http_api_v2", "function_url", "alb")


@pytest.mark.parametrize(
    ("kind", "method", "row"),
    [(KINDS[i % 4], "GET" if i % 8 > 3 else "POST", c) for i, c in enumerate(TABLE)],
    ids=[f"{KINDS[i % 4]}-{c.name}" for i, c in enumerate(TABLE)],
)
def test_by_lambda_event(kind: str, method: str, row: Case, site: Origins, http_function: dict[str, Lambda]) -> None:  # fmt: skip
    entry = http_function[kind]
    entry.method = method
    row.check(entry(row.request(site)), site)


@pytest.mark.parametrize("row", SHARED[::2], ids=[c.name for c in SHARED[::2]])
def test_by_direct_invocation(row: Case, site: Origins, direct: Direct) -> None:
    row.check(direct(row.request(site)), site)


# Each of these starts a browser of its own, so only one row of each kind.
TYPED = ("url", "html_content", "pdf_metadata", "full_page", "selector", "interaction click", "cookies", "outputs", "a name that does not resolve", "selector that matches nothing")  # fmt: skip


@pytest.mark.parametrize("row", [c for c in TABLE if c.name in TYPED], ids=[c.name for c in TABLE if c.name in TYPED])
def test_from_the_command_line(row: Case, site: Origins, deployed: object) -> None:
    row.check(command_line(row.request(site)), site)


# Options that other test modules prove, because they are about the answer and not about the page.
ELSEWHERE = {"response_type", "filename", "store", "presign_ttl", "metadata", "async_", "webhook_url", "external_id", "cache", "cache_ttl", "cache_key", "cache_mode", "proxy", "s3_uri"}  # fmt: skip


def test_every_option_has_a_row() -> None:
    covered = {name for c in TABLE for name in c.options} | set(SMALL)
    assert set(CaptureRequest.model_fields) - covered - ELSEWHERE == set()
