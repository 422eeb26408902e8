"""The table of options: each row through one of the doors, or through all with `--all-doors`."""

from __future__ import annotations

from collections import Counter

import cases_agents
import cases_document
import cases_page
import cases_picture
import cases_print
import cases_shape
import cases_supplied
import cases_verdict
import cases_wire
import cases_worlds
import pytest
from cases import TABLE, Case
from entries import Direct, Http, Lambda, command_line, in_process
from origins import Origins

ROWS = (
    cases_agents,
    cases_document,
    cases_page,
    cases_picture,
    cases_print,
    cases_shape,
    cases_supplied,
    cases_verdict,
    cases_wire,
    cases_worlds,
)

KINDS = ("rest_api_v1", "http_api_v2", "function_url", "alb")
DOORS = ("test_over_http", "test_by_lambda_event", "test_by_direct_invocation")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each row through one door, or through all of them with `--all-doors`.

    Every door parses the request and calls the use case that `test_in_the_process` calls, so what holds
    behind a door holds in the process.
    """
    if "number" not in metafunc.fixturenames:
        return
    name, every = metafunc.function.__name__, metafunc.config.getoption("all_doors")
    rows = [(i, c) for i, c in enumerate(TABLE) if name == door_of(i, c) or (every and allowed(name, c))]
    metafunc.parametrize(("number", "row"), rows, ids=[c.name for _, c in rows])


def door_of(number: int, row: Case) -> str:
    """The test that a row runs in: the doors in turn."""
    door = DOORS[number % len(DOORS)]
    return door if allowed(door, row) else "test_in_the_process"


def allowed(door: str, row: Case) -> bool:
    """Several artifacts are a list in the direct answer, which `test_answers.py` reads."""
    return not (row.lonely and door == "test_by_direct_invocation")


def test_no_row_is_lost() -> None:
    """A row whose test has another name now would not run at all."""
    ran = Counter(door_of(i, c) for i, c in enumerate(TABLE))
    assert ran.keys() <= globals().keys()
    assert min(ran[door] for door in DOORS) > len(TABLE) / 4


def test_in_the_process(number: int, row: Case, site: Origins, deployed: object) -> None:
    row.check(in_process(row.request(site)), site)


def test_over_http(number: int, row: Case, site: Origins, http: Http) -> None:
    """By POST and GET in turn, on a real socket to a server process."""
    http.method = "GET" if number % 2 else "POST"
    answer = http(row.request(site))
    row.check(answer, site)
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_by_lambda_event(number: int, row: Case, site: Origins, http_function: dict[str, Lambda]) -> None:
    """Each kind of event in turn, each with both methods."""
    entry = http_function[KINDS[number // 2 % 4]]
    entry.method = "GET" if number // 8 % 2 else "POST"
    row.check(entry(row.request(site)), site)


def test_by_direct_invocation(number: int, row: Case, site: Origins, direct: Direct) -> None:
    row.check(direct(row.request(site)), site)


# Each of these starts a browser of its own, so only one row of each kind.
TYPED = (
    "url",
    "html_content",
    "pdf_metadata",
    "full_page",
    "selector",
    "interaction click",
    "cookies",
    "outputs",
    "a name that does not resolve",
    "selector that matches nothing",
)


@pytest.mark.parametrize(
    "row", [c for c in TABLE if c.name in TYPED], ids=[c.name for c in TABLE if c.name in TYPED]
)
def test_from_the_command_line(row: Case, site: Origins, deployed: object) -> None:
    row.check(command_line(row.request(site)), site)
