"""The error of each outcome of the guard."""

from __future__ import annotations

import pytest

from stillframe.egress import Outcome, as_error
from stillframe.egress.report import denied, failed


@pytest.mark.parametrize(
    ("reason", "code", "status"),
    [
        ("name_not_resolved", "name_not_resolved", 502),
        ("connection_refused", "connection_refused", 502),
        ("empty_response", "empty_response", 502),
        ("ssl_error", "ssl_error", 502),
        ("address_unreachable", "network_error", 502),
        ("network_error", "network_error", 502),
        ("upstream_refused", "network_error", 502),
        ("upstream_unreachable", "network_error", 502),
        ("head_cut", "network_error", 502),
        ("head_too_large", "network_error", 502),
        ("lengths_differ", "network_error", 502),
        ("not_http", "network_error", 502),
        ("tls_not_http", "network_error", 502),
        ("timeout", "deadline_exceeded", 504),
        ("something new", "network_error", 502),
    ],
)
def test_every_failure_has_its_error(reason: str, code: str, status: int) -> None:
    error = as_error(Outcome("failed", reason), "site.example")
    assert error is not None
    assert (error.code, error.status) == (code, status)


def test_a_denial_is_destination_blocked_with_its_reason() -> None:
    error = as_error(Outcome("denied", "address_not_public"), "site.example")
    assert error is not None
    assert (error.code, error.status) == ("destination_blocked", 403)
    assert error.details == [{"host": "site.example", "reason": "address_not_public"}]


def test_a_destination_that_was_reached_gives_no_error() -> None:
    assert as_error(Outcome("allowed", "connected"), "site.example") is None


def test_the_proxy_answers_with_the_status_of_its_outcome() -> None:
    assert denied("x").status == 403
    assert failed("x").status == 502
    assert failed("timeout").status == 504


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "address_not_public",
            "its address is not public. The operator allows it with EGRESS_ALLOW.",
        ),
        (
            "port_not_allowed",
            "at this port. The operator allows it with EGRESS_ALLOW or EGRESS_PORTS.",
        ),
        ("denied_by_operator", "the setting EGRESS_DENY names it."),
        ("protected_endpoint", "it is an endpoint of the cloud that no setting opens."),
    ],
)
def test_a_denial_says_what_would_allow_it(reason: str, words: str) -> None:
    error = as_error(Outcome("denied", reason), "localhost")
    assert error is not None
    assert error.message.startswith("The egress policy does not allow localhost")
    assert error.message.endswith(words)
