"""Opening a loopback address also opens localhost, and no other name."""

from __future__ import annotations

import pytest

from stillframe.egress import EgressPolicy

POLICY = EgressPolicy.from_settings("127.0.0.0/8", "80,443", {})


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST.", "app.localhost"])
def test_an_opened_address_opens_localhost_by_that_address(name: str) -> None:
    verdict = POLICY.decide(name, 3000, ["::1", "127.0.0.1"])
    assert verdict.allowed
    assert verdict.addresses == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("mixed.example", ["127.0.0.1", "::1"]),
        ("localhost", ["::1"]),
        ("localhost", ["127.0.0.1", "10.0.0.1"]),
        ("localhost.example", ["127.0.0.1", "::1"]),
    ],
)
def test_nothing_else_is_opened(name: str, addresses: list[str]) -> None:
    assert not POLICY.decide(name, 3000, addresses).allowed
