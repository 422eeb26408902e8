"""Deliveries to a webhook are verified as the service signs them."""

from __future__ import annotations

import json

import pytest

from stillframe.client import verify_webhook
from stillframe.delivery.webhook import headers
from stillframe.errors import SignatureExpired, SignatureInvalid

SECRET = "s" * 32
BODY = json.dumps({"id": "j1", "status": "done"}).encode()
SIGNED = headers(SECRET.encode(), BODY, "j1", 1, now=1_800_000_000)


def test_a_delivery_of_the_service_is_its_job() -> None:
    assert verify_webhook(BODY, SIGNED, SECRET, now=1_800_000_100) == {"id": "j1", "status": "done"}


def test_the_names_of_headers_have_any_case_and_a_rotation_knows_two_secrets() -> None:
    lower = {name.lower(): value for name, value in SIGNED.items()}
    assert verify_webhook(BODY, lower, ["n" * 32, SECRET], now=1_800_000_000)["id"] == "j1"


@pytest.mark.parametrize(
    ("body", "changed", "secret"),
    [
        (BODY + b" ", {}, SECRET),
        (BODY, {"X-Stillframe-Timestamp": "1800000001"}, SECRET),
        (BODY, {"X-Stillframe-Timestamp": "now"}, SECRET),
        (BODY, {"X-Stillframe-Timestamp": ""}, SECRET),
        (BODY, {"X-Stillframe-Signature": ""}, SECRET),
        (BODY, {"X-Stillframe-Signature": "v1="}, SECRET),
        (BODY, {}, "t" * 32),
        (BODY, {}, ""),
        (BODY, {}, []),
    ],
)
def test_a_changed_delivery_is_refused(body: bytes, changed: dict[str, str], secret: str | list[str]) -> None:
    with pytest.raises(SignatureInvalid):
        verify_webhook(body, SIGNED | changed, secret, now=1_800_000_000)


@pytest.mark.parametrize("now", [1_800_000_301, 1_799_999_699])
def test_an_old_or_early_delivery_is_refused(now: int) -> None:
    with pytest.raises(SignatureExpired):
        verify_webhook(BODY, SIGNED, SECRET, now=now)
    assert verify_webhook(BODY, SIGNED, SECRET, tolerance=302, now=now)
