"""The policy as tables: the defaults, what EGRESS_ALLOW opens, and what stays protected."""

from __future__ import annotations

import pytest

from stillframe.egress import EgressPolicy

PUBLIC = "93.184.215.14"
LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "capture",
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "AWS_LAMBDA_METADATA_API": "169.254.100.1:9001",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.9.9.9:2773/v1/credentials",
    "AWS_XRAY_DAEMON_ADDRESS": "tcp:127.0.0.1:2000 udp:127.0.0.1:2001",
    "_AWS_XRAY_DAEMON_ADDRESS": "192.168.7.7",
}


def policy(allow: str = "", ports: str = "", **environ: str) -> EgressPolicy:
    return EgressPolicy.from_settings(allow, ports, environ)


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_public_web_ports_are_allowed(port: int) -> None:
    verdict = policy().decide("example.com", port, [PUBLIC])
    assert verdict.allowed
    assert verdict.addresses == (PUBLIC,)


@pytest.mark.parametrize("port", [-1, 0, 1, 21, 22, 25, 53, 3306, 5432, 6379, 8081, 9001, 9222, 65535, 65536])
def test_other_ports_are_refused(port: int) -> None:
    assert policy().decide("example.com", port, [PUBLIC]).reason == "port_not_allowed"


def test_the_operator_chooses_the_ports() -> None:
    chosen = policy(ports="443, 9443")
    assert chosen.decide("example.com", 9443, [PUBLIC]).allowed
    assert not chosen.decide("example.com", 80, [PUBLIC]).allowed


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        [PUBLIC, "10.0.0.5"],
        ["10.0.0.5", PUBLIC],
        [PUBLIC, "::1"],
        ["2606:4700::1111", "fd00::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::8.8.8.8"],
        ["2002:7f00:1::1"],
    ],
)
def test_one_internal_address_refuses_the_whole_answer(addresses: list[str]) -> None:
    verdict = policy().decide("rebind.example", 80, addresses)
    assert not verdict.allowed
    assert verdict.addresses == ()
    assert verdict.reason == "address_not_public"


@pytest.mark.parametrize("addresses", [[], ["not-an-address"], [PUBLIC, "127.1"], [""]])
def test_answers_that_are_no_addresses_are_refused(addresses: list[str]) -> None:
    assert not policy().decide("example.com", 80, addresses).allowed


def test_addresses_are_pinned_in_one_spelling_and_once() -> None:
    verdict = policy().decide("example.com", 80, [PUBLIC, f"::ffff:{PUBLIC}", "2606:4700:0::1111"])
    assert verdict.addresses == (PUBLIC, "2606:4700::1111")


OPENED = [
    ("localhost:3000", "localhost", 3000, ["127.0.0.1", "::1"], True),
    ("localhost:3000", "LOCALHOST.", 3000, ["127.0.0.1"], True),
    ("localhost:3000", "localhost", 3001, ["127.0.0.1"], False),
    ("localhost:3000", "127.0.0.1", 3000, ["127.0.0.1"], False),
    ("localhost", "localhost", 9, ["127.0.0.1"], True),
    ("127.0.0.1", "127.0.0.1", 5173, ["127.0.0.1"], True),
    ("127.0.0.1", "127.0.0.2", 5173, ["127.0.0.2"], False),
    ("127.0.0.1:5173", "127.0.0.1", 5173, ["127.0.0.1"], True),
    ("127.0.0.1:5173", "any.example", 5173, ["::ffff:127.0.0.1"], True),
    ("127.0.0.1:5173", "127.0.0.1", 80, ["127.0.0.1"], False),
    ("10.0.0.0/8", "intranet", 8000, ["10.1.2.3"], True),
    ("10.0.0.0/8", "intranet", 8000, ["10.1.2.3", "192.168.0.1"], False),
    ("10.0.0.0/8", "intranet", 8000, ["10.1.2.3", PUBLIC], False),
    ("10.0.0.0/8", "intranet", 80, ["10.1.2.3", PUBLIC], True),
    ("fd12::/16", "v6", 80, ["fd12::1"], True),
    ("[fd12::1]:8000", "v6", 8000, ["fd12::1"], True),
    ("fd12::1", "v6", 8000, ["fd12::1"], True),
    ("wiki.corp:8000", "wiki.corp", 8000, ["10.0.0.9"], True),
    ("wiki.corp:8000", "evil.wiki.corp", 8000, ["10.0.0.9"], False),
    ("a.example, wiki.corp ,", "wiki.corp", 443, ["10.0.0.9"], True),
    ("0.0.0.0/0", "x", 6379, ["192.168.1.1"], True),
]


@pytest.mark.parametrize(("allow", "host", "port", "addresses", "allowed"), OPENED)
def test_an_operator_opens_exactly_what_is_named(
    allow: str, host: str, port: int, addresses: list[str], allowed: bool
) -> None:
    assert policy(allow).decide(host, port, addresses).allowed is allowed


ALL = "0.0.0.0/0,::/0,localhost,runtime.example,169.254.169.254,169.254.100.1:9001,metadata"
NEVER = [
    ("169.254.169.254", 80, ["169.254.169.254"]),
    ("metadata", 80, ["169.254.169.254"]),
    ("metadata", 80, ["::ffff:169.254.169.254"]),
    ("metadata", 80, ["64:ff9b::a9fe:a9fe"]),
    ("metadata", 80, ["2002:a9fe:a9fe::1"]),
    ("metadata", 80, ["::a9fe:a9fe"]),
    ("metadata", 80, ["fe80::1%eth0"]),
    ("metadata", 80, ["fd00:ec2::254"]),
    ("169.254.100.1", 9001, ["169.254.100.1"]),
    ("localhost", 9001, ["127.0.0.1"]),
    ("localhost", 9001, ["::1"]),
    ("runtime.example", 9001, ["127.0.0.1"]),
    ("runtime.example", 9001, ["127.0.0.53"]),
    ("runtime.example", 9001, ["0.0.0.0"]),
    ("runtime.example", 9001, ["::"]),
    ("runtime.example", 9001, ["::ffff:127.0.0.1"]),
    ("runtime.example", 2000, ["127.0.0.1"]),
    ("runtime.example", 2001, ["127.0.0.1"]),
    ("runtime.example", 2773, ["10.9.9.9"]),
    ("runtime.example", 80, ["10.9.9.9"]),
    ("runtime.example", 2000, ["192.168.7.7"]),
]


@pytest.mark.parametrize(("host", "port", "addresses"), NEVER)
def test_no_setting_opens_what_holds_credentials(host: str, port: int, addresses: list[str]) -> None:
    assert policy(ALL, **LAMBDA).decide(host, port, addresses).reason == "protected_endpoint"


def test_the_rest_of_loopback_stays_open_to_the_operator_on_lambda() -> None:
    assert policy("localhost:3000", **LAMBDA).decide("localhost", 3000, ["127.0.0.1"]).allowed


def test_the_default_runtime_api_port_is_protected_without_its_variable() -> None:
    on_lambda = policy("localhost", AWS_LAMBDA_FUNCTION_NAME="capture")
    assert not on_lambda.decide("localhost", 9001, ["127.0.0.1"]).allowed
    assert policy("localhost").decide("localhost", 9001, ["127.0.0.1"]).allowed


def test_an_endpoint_given_by_name_is_protected_by_name_and_as_loopback() -> None:
    named = policy(ALL + ",api.internal", AWS_LAMBDA_RUNTIME_API="api.internal:9001")
    assert named.decide("api.internal", 9001, ["10.0.0.1"]).reason == "protected_endpoint"
    local = policy(ALL, AWS_LAMBDA_RUNTIME_API="localhost:4567")
    assert local.decide("x.example", 4567, ["127.0.0.1"]).reason == "protected_endpoint"


@pytest.mark.parametrize(
    "allow", ["a b", "http://x", "10.0.0.0/99", "10.0.0.1/8", "x:0", "x:y", "*", "u@x", "[::1"]
)
def test_an_unreadable_entry_stops_the_start(allow: str) -> None:
    with pytest.raises(ValueError, match="EGRESS_ALLOW"):
        policy(allow)


@pytest.mark.parametrize("ports", ["0", "http", "80-90", "65536", "-1", "80;443"])
def test_unreadable_ports_stop_the_start(ports: str) -> None:
    with pytest.raises(ValueError, match="EGRESS_PORTS"):
        policy(ports=ports)


def test_an_unreadable_endpoint_stops_the_start() -> None:
    with pytest.raises(ValueError, match="AWS_LAMBDA_RUNTIME_API"):
        policy(AWS_LAMBDA_RUNTIME_API="what\\is\\this")


@pytest.mark.parametrize("own", ["https://shots.example/v1", "http://shots.example:8080", "shots.example"])
def test_the_service_does_not_capture_itself(own: str) -> None:
    chosen = EgressPolicy.from_settings("shots.example", "", {}, own)
    assert chosen.decide("shots.example", 443, [PUBLIC]).reason == "protected_endpoint"
    assert chosen.decide("SHOTS.example.", 80, [PUBLIC]).reason == "protected_endpoint"
    assert chosen.decide("other.example", 443, [PUBLIC]).allowed


def test_a_local_service_protects_its_own_port_only() -> None:
    chosen = EgressPolicy.from_settings("localhost", "", {}, "http://127.0.0.1:8080")
    assert chosen.decide("localhost", 8080, ["127.0.0.1"]).reason == "protected_endpoint"
    assert chosen.decide("localhost", 3000, ["127.0.0.1"]).allowed
