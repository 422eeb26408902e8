"""The chained proxy: how it is named, and that a caller's is judged like any destination."""

import pytest

from stillframe.egress import EgressPolicy
from stillframe.egress.upstream import Upstream


def test_a_proxy_url_is_read_with_credentials() -> None:
    upstream = Upstream.read("http://us%40er:p%3Aw@proxy.example:3128")
    assert (upstream.host, upstream.port, upstream.tls) == ("proxy.example", 3128, False)
    assert upstream.connect("93.184.215.14", 443) == (
        b"CONNECT 93.184.215.14:443 HTTP/1.1\r\nHost: 93.184.215.14:443\r\n"
        b"Proxy-Authorization: Basic dXNAZXI6cDp3\r\n\r\n"
    )


def test_the_password_is_not_in_the_representation() -> None:
    assert "cHdk" not in repr(Upstream.read("http://user:pwd@proxy.example"))


def test_default_ports_follow_the_scheme() -> None:
    assert Upstream.read("proxy.example").port == 80
    assert Upstream.read("https://proxy.example").port == 443


@pytest.mark.parametrize(
    "url",
    ["socks5://x:1080", "http://", "http://x:0", "http://x/path", "http://x?y", "http://a b", "file:///x"],
)
def test_other_proxies_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="proxy is http"):
        Upstream.read(url)


@pytest.mark.parametrize(
    ("url", "address", "trusted", "allowed"),
    [
        ("http://proxy.example:3128", "93.184.215.14", False, True),
        ("http://proxy.example:25", "93.184.215.14", False, False),
        ("http://proxy.example:3128", "10.0.0.5", False, False),
        ("http://proxy.example:3128", "169.254.169.254", False, False),
        ("http://proxy.example:3128", "10.0.0.5", True, True),
        ("http://proxy.example:25", "10.0.0.5", True, True),
    ],
)
def test_only_the_operators_own_proxy_may_be_internal(
    url: str, address: str, trusted: bool, allowed: bool
) -> None:
    upstream = Upstream.read(url, trusted=trusted)
    verdict = upstream.policy(EgressPolicy()).decide(upstream.host, upstream.port, [address])
    assert verdict.allowed is allowed
