"""Origins and credentials of a target."""

from __future__ import annotations

import pytest

from stillframe.request import parse
from stillframe.steps.access import credentials, origin_of

URL = {"url": "https://example.com/"}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://User:pw@Example.com:443/a", "https://example.com"),
        ("http://a.b:8080/?x", "http://a.b:8080"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://a.b:80", "https://a.b:80"),
    ],
)
def test_origins_are_compared_as_a_browser_does(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_credentials_are_limited_to_the_origin_of_the_target() -> None:
    named = parse(URL | {"basic_auth": {"username": "a", "password": "b"}})
    assert credentials(named, named.url) == {
        "username": "a",
        "password": "b",
        "origin": "https://example.com",
    }
    inside = parse({"url": "https://a%40b:c%3A@example.com/"})
    assert credentials(inside, inside.url) == {
        "username": "a@b",
        "password": "c:",
        "origin": "https://example.com",
    }
    assert credentials(parse(URL), "https://example.com/") is None
