"""Cookies and session states in the forms that other programs export."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import RequestNotValid
from stillframe.request import parse
from stillframe.steps.cookies import Cookie

URL = {"url": "https://example.com/"}
PLAIN = {"name": "sid", "value": "1"}

EXPORTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"domain": ".example.com", "hostOnly": True}, {"domain": "example.com"}),
    ({"domain": "example.com", "hostOnly": False}, {"domain": ".example.com"}),
    ({"domain": "127.0.0.1", "hostOnly": False}, {"domain": "127.0.0.1"}),
    ({"storeId": "0", "id": 3, "size": 4, "priority": "Medium", "sameParty": False}, {}),
    ({"sameSite": "unspecified"}, {}),
    ({"sameSite": "no_restriction"}, {"same_site": "None"}),
    ({"sameSite": "lax"}, {"same_site": "Lax"}),
    ({"sameSite": "STRICT"}, {"same_site": "Strict"}),
    ({"sameSite": None}, {}),
    ({"expirationDate": 1999999999.5}, {"expires": 1999999999.5}),
    ({"expiry": 1999999999}, {"expires": 1999999999}),
    ({"expirationDate": 1999999999.5, "session": True}, {}),
    ({"session": False, "expirationDate": None}, {}),
    ({"httpOnly": True, "secure": True}, {"http_only": True, "secure": True}),
    ({"partitionKey": {"topLevelSite": "https://a.example"}}, {"partition_key": "https://a.example"}),
    ({"partitionKey": None, "firstPartyDomain": ""}, {}),
]


@pytest.mark.parametrize(("exported", "meant"), EXPORTS, ids=[str(e) for e, _ in EXPORTS])
def test_a_cookie_of_an_export_is_a_cookie(exported: dict[str, Any], meant: dict[str, Any]) -> None:
    found = parse(URL | {"cookies": [PLAIN | exported]}).cookies
    assert found == [Cookie(**(PLAIN | meant))]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["a=1"], [("a", "1")]),
        (["a=1; b=2"], [("a", "1"), ("b", "2")]),
        ("a=1; b=2;", [("a", "1"), ("b", "2")]),
        (["a=1,2"], [("a", "1,2")]),
        (["a=b=c"], [("a", "b=c")]),
    ],
)
def test_cookies_are_written_as_in_a_header(given: Any, meant: list[tuple[str, str]]) -> None:
    found = parse(URL | {"cookies": given}).cookies
    assert [(c.name, c.value) for c in found] == meant


@pytest.mark.parametrize(
    "cookie",
    [{"name": "a", "value": "1", "colour": "red"}, {"name": "a", "value": "1", "sameSite": "some"}, "a"],
)
def test_a_cookie_that_says_something_unknown_is_refused(cookie: Any) -> None:
    with pytest.raises(RequestNotValid, match="cookies"):
        parse(URL | {"cookies": [cookie]})


def test_a_session_state_of_playwright_is_read() -> None:
    state = {
        "cookies": [
            PLAIN
            | {
                "domain": "example.com",
                "path": "/",
                "expires": -1,
                "httpOnly": True,
                "secure": True,
                "sameSite": "Lax",
            }
        ],
        "origins": [{"origin": "https://example.com", "localStorage": [{"name": "theme", "value": "dark"}]}],
    }
    found = parse(URL | {"storage_state": state}).storage_state
    assert found.cookies[0].same_site == "Lax"
    assert found.origins[0].entries == {"theme": "dark"}
    assert parse(parse(URL | {"storageState": state}).canonical()).storage_state == found


def test_databases_of_a_session_state_are_refused_by_name() -> None:
    state = {"origins": [{"origin": "https://a.example", "localStorage": [], "indexedDB": [{"name": "db"}]}]}
    with pytest.raises(RequestNotValid, match="IndexedDB"):
        parse(URL | {"storage_state": state})
