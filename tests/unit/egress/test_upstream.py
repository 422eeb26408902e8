"""The upstream proxy: how the settings and a request name it, and when its address is vetted."""

from __future__ import annotations

import base64
import traceback
from typing import Any

import pytest

from stillframe.egress import EgressPolicy, Upstream
from stillframe.settings import Settings


def configured(**settings: Any) -> Upstream:
    upstream = Upstream.from_settings(Settings(**settings))
    assert upstream is not None
    return upstream


def credentials(upstream: Upstream) -> str | None:
    """User name and password as the proxy reads them."""
    head = upstream.connect("93.184.215.14", 443).decode("ascii")
    values = [
        line.removeprefix("Proxy-Authorization: Basic ")
        for line in head.split("\r\n")
        if line.startswith("Proxy-")
    ]
    return base64.b64decode(values[0]).decode() if values else None


def test_a_proxy_url_is_read_with_credentials() -> None:
    upstream = Upstream.from_url("http://us%40er:p%3Aw@proxy.example:3128")
    assert (upstream.host, upstream.port, upstream.scheme) == ("proxy.example", 3128, "http")
    assert (upstream.username, upstream.password) == ("us@er", "p:w")
    assert upstream.connect("93.184.215.14", 443) == (
        b"CONNECT 93.184.215.14:443 HTTP/1.1\r\nHost: 93.184.215.14:443\r\n"
        b"Proxy-Authorization: Basic dXNAZXI6cDp3\r\n\r\n"
    )


def test_an_ipv6_destination_is_bracketed() -> None:
    request = Upstream.from_url("http://proxy.example").connect("2606:4700::1111", 443)
    assert request.startswith(b"CONNECT [2606:4700::1111]:443 HTTP/1.1\r\n")


def test_the_password_is_not_in_the_representation() -> None:
    assert "pwd" not in repr(Upstream.from_url("http://user:pwd@proxy.example"))


def test_default_ports_follow_the_scheme() -> None:
    assert Upstream.from_url("proxy.example").port == 80
    assert Upstream.from_url("https://proxy.example").port == 443


@pytest.mark.parametrize(
    "url",
    [
        "socks5://x:1080",
        "http://",
        "http://x:0",
        "http://x/path",
        "http://x?y",
        "http://x#y",
        "http://a b",
        "file:///x",
        "http://[::1",
        "http://u:p/ss@x",
        "http://us%3Aer:p@x",
    ],
)
def test_other_proxies_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"use http\[s\]://\[user:password@\]host\[:port\]"):
        Upstream.from_url(url)


def test_without_proxy_server_there_is_no_proxy() -> None:
    assert Upstream.from_settings(Settings(proxy_port=3128, proxy_username="u")) is None


@pytest.mark.parametrize(
    ("server", "port", "expected"),
    [
        ("proxy.example", 0, ("http", "proxy.example", 80)),
        ("proxy.example", 3128, ("http", "proxy.example", 3128)),
        (" proxy.example ", 3128, ("http", "proxy.example", 3128)),
        ("proxy.example:8888", 0, ("http", "proxy.example", 8888)),
        ("proxy.example:8888", 3128, ("http", "proxy.example", 8888)),
        ("http://proxy.example", 3128, ("http", "proxy.example", 3128)),
        ("http://proxy.example/", 3128, ("http", "proxy.example", 3128)),
        ("http://u:p@proxy.example", 3128, ("http", "proxy.example", 3128)),
        ("https://proxy.example", 0, ("https", "proxy.example", 443)),
        ("https://proxy.example", 3128, ("https", "proxy.example", 3128)),
        ("[2001:db8::1]", 3128, ("http", "2001:db8::1", 3128)),
        ("[2001:db8::1]:8888", 0, ("http", "2001:db8::1", 8888)),
    ],
)
def test_the_operators_proxy_is_read_in_every_spelling(
    server: str, port: int, expected: tuple[str, str, int]
) -> None:
    upstream = configured(proxy_server=server, proxy_port=port)
    assert (upstream.scheme, upstream.host, upstream.port) == expected
    assert upstream.trusted


@pytest.mark.parametrize("password", ["p/ss", "p#ss", "p?ss", "p%41ss", "p@ss", "p:ss", "p s", "päß", ""])
def test_credentials_of_their_own_settings_are_sent_as_they_are(password: str) -> None:
    upstream = configured(proxy_server="proxy.example", proxy_username="u%41", proxy_password=password)
    assert credentials(upstream) == f"u%41:{password}"


def test_bytes_that_are_not_utf_8_are_sent_as_they_are() -> None:
    password = b"\xff".decode("utf-8", "surrogateescape")  # as os.environ holds it
    upstream = configured(proxy_server="proxy.example", proxy_username="u", proxy_password=password)
    assert base64.b64encode(b"u:\xff") in upstream.connect("93.184.215.14", 443)


def test_credentials_in_proxy_server_are_decoded_once_and_come_first() -> None:
    upstream = configured(
        proxy_server="http://u:p%2541%2F@proxy.example", proxy_username="other", proxy_password="other"
    )
    assert credentials(upstream) == "u:p%41/"


def test_without_a_user_name_no_credentials_are_sent() -> None:
    assert credentials(configured(proxy_server="proxy.example", proxy_password="p")) is None


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"proxy_server": "http://u:s3/cret@proxy.example"}, "PROXY_SERVER"),
        ({"proxy_server": "http://u:s3#cret@proxy.example"}, "PROXY_SERVER"),
        ({"proxy_server": "http://u:s3?cret@proxy.example"}, "PROXY_SERVER"),
        ({"proxy_server": "http://u:s3cret@[proxy.example"}, "PROXY_SERVER"),
        ({"proxy_server": "http://u:s3cret@proxy\u2100.example"}, "PROXY_SERVER"),
        ({"proxy_server": "socks5://u:s3cret@proxy.example"}, "PROXY_SERVER"),
        ({"proxy_server": "proxy.example:0"}, "PROXY_SERVER"),
        ({"proxy_server": "proxy.example", "proxy_port": 70_000}, "PROXY_PORT"),
        ({"proxy_server": "proxy.example", "proxy_port": -1}, "PROXY_PORT"),
        ({"proxy_server": "proxy.example", "proxy_username": "u:s3cret"}, "PROXY_USERNAME"),
    ],
)
def test_an_unusable_setting_is_named_without_its_value(settings: dict[str, Any], variable: str) -> None:
    with pytest.raises(ValueError, match=f"^{variable}") as caught:
        configured(**settings)
    assert "cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("url", "address", "allowed"),
    [
        ("http://proxy.example:3128", "93.184.215.14", True),
        ("http://proxy.example:25", "93.184.215.14", False),
        ("http://proxy.example:3128", "10.0.0.5", False),
        ("http://proxy.example:3128", "169.254.169.254", False),
    ],
)
def test_a_callers_proxy_is_vetted_like_a_destination(url: str, address: str, allowed: bool) -> None:
    upstream = Upstream.from_url(url)
    verdict = upstream.policy(EgressPolicy()).decide(upstream.host, upstream.port, [address])
    assert verdict.allowed is allowed


@pytest.mark.parametrize("server", ["http://proxy.example:3128", "http://proxy.example:25"])
def test_the_operators_proxy_may_be_internal(server: str) -> None:
    upstream = configured(proxy_server=server)
    verdict = upstream.policy(EgressPolicy()).decide(upstream.host, upstream.port, ["10.0.0.5"])
    assert verdict.allowed
