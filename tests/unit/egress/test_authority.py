"""Texts that are a host with a port, and texts that are refused."""

from __future__ import annotations

import pytest

from stillframe.egress.authority import AuthorityNotValid, read_authority


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com:443", ("example.com", 443)),
        ("EXAMPLE.com:80", ("example.com", 80)),
        ("example.com.:80", ("example.com", 80)),
        ("under_score.example:80", ("under_score.example", 80)),
        ("xn--bcher-kva.example:443", ("xn--bcher-kva.example", 443)),
        ("1.2.3.4:8080", ("1.2.3.4", 8080)),
        ("[2606:4700::1111]:443", ("2606:4700::1111", 443)),
        ("[::FFFF:127.0.0.1]:80", ("127.0.0.1", 80)),
        ("[0:0:0:0:0:0:0:1]:80", ("::1", 80)),
        ("localhost:65535", ("localhost", 65535)),
        ("0x7f000001:80", ("0x7f000001", 80)),
    ],
)
def test_an_authority_has_one_spelling(text: str, expected: tuple[str, int]) -> None:
    assert read_authority(text) == expected


def test_a_missing_port_takes_the_default() -> None:
    assert read_authority("example.com", 80) == ("example.com", 80)
    assert read_authority("[::1]", 80) == ("::1", 80)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":80",
        "example.com",
        "example.com:",
        "example.com:0",
        "example.com:007",
        "example.com:-12",
        "example.com:+80",
        "example.com: 80",
        "example.com:80 ",
        "example.com:91337",
        "example.com:65536",
        "example.com:٨٠",
        "example.com:80:80",
        "user@example.com:80",
        "user:password@example.com:80",
        "example.com:80@127.0.0.1:80",
        "exam ple.com:80",
        "example..com:80",
        "example.com..:80",
        ".example.com:80",
        "example.com%00.evil.example:80",
        "example.com/path:80",
        "example.com?x:80",
        "example.com#x:80",
        "example.com\\x:80",
        "exam\tple.com:80",
        "exam\rple.com:80",
        "exam\nple.com:80",
        "exam\0ple.com:80",
        "bücher.example:80",
        "１２７.0.0.1:80",
        "127。0。0。1:80",
        "🦄.example:80",
        "::1:80",
        "[::1:80",
        "::1]:80",
        "[[::1]]:80",
        "[::1]x:80",
        "[::1%25eth0]:80",
        "[fe80::1%eth0]:80",
        "[127.0.0.1]:80x",
        "[v1.fe80]:80",
        "[]:80",
        "[:]:80",
        f"{'a' * 64}.example:80",
        f"{'a.' * 127}a:80",
    ],
)
def test_loose_authorities_are_refused(text: str) -> None:
    with pytest.raises(AuthorityNotValid):
        read_authority(text)
