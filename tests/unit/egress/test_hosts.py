"""Host lists of settings, and the rules for targets."""

from __future__ import annotations

import pytest

from stillframe.egress import EgressPolicy
from stillframe.egress.addresses import read_address
from stillframe.egress.hosts import HostList
from stillframe.egress.targets import TargetPolicy
from stillframe.errors import DestinationBlocked
from stillframe.settings import SettingNotValid, Settings

LIST = HostList.read("X", "bad.example, *.Tracker.example, 203.0.113.0/24, 2001:db8::/32, bücher.example")


@pytest.mark.parametrize(
    "host",
    [
        "bad.example",
        "BAD.example.",
        "a.tracker.example",
        "a.b.TRACKER.example.",
        "203.0.113.9",
        "[2001:db8::1]",
        "::ffff:203.0.113.9",
        "xn--bcher-kva.example",
    ],
)
def test_these_hosts_are_listed(host: str) -> None:
    assert LIST.matches(host)


@pytest.mark.parametrize(
    "host",
    [
        "good.example",
        "sub.bad.example",
        "notbad.example",
        "tracker.example",
        "nottracker.example",
        "203.0.114.1",
        "bad.example.evil.example",
    ],
)
def test_these_hosts_are_not_listed(host: str) -> None:
    assert not LIST.matches(host)


def test_a_name_that_resolves_into_a_listed_block_is_listed() -> None:
    address = read_address("203.0.113.7")
    assert address is not None
    assert LIST.matches("innocent.example", [address])


@pytest.mark.parametrize("entry", ["http://x", "a b", "*.", "1.2.3.4/33", "*", "x:80"])
def test_an_entry_that_cannot_be_read_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="EGRESS_DENY"):
        HostList.read("EGRESS_DENY", f"good.example,{entry}")


def test_what_the_operator_denies_is_denied_even_where_it_was_allowed() -> None:
    policy = EgressPolicy.from_settings("bad.example,127.0.0.1", "80", {}, deny="bad.example,127.0.0.0/8")
    assert policy.decide("bad.example", 80, ["93.184.216.34"]).reason == "denied_by_operator"
    assert policy.decide("x.example", 80, ["127.0.0.1"]).reason == "denied_by_operator"
    assert policy.decide("x.example", 80, ["93.184.216.34"]).allowed


def test_only_allowed_targets_are_captured() -> None:
    policy = TargetPolicy.from_settings(Settings(target_allow="example.com, *.example.org"))
    for url in ("https://example.com/x", "http://a.example.org", None, "about:blank"):
        policy.check(url)
    for url in ("https://evil.example/", "https://example.com.evil.example/", "https://example.org/"):
        with pytest.raises(DestinationBlocked, match="TARGET_ALLOW"):
            policy.check(url)


def test_https_only_refuses_plain_http() -> None:
    policy = TargetPolicy.from_settings(Settings(https_only=True))
    policy.check("https://example.com/")
    with pytest.raises(DestinationBlocked, match="HTTPS_ONLY"):
        policy.check("http://example.com/")


def test_a_target_rule_that_cannot_be_read_is_named() -> None:
    with pytest.raises(SettingNotValid, match="TARGET_ALLOW"):
        TargetPolicy.from_settings(Settings(target_allow="http://x/"))
