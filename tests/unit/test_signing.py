"""Signed links and webhooks: test vectors, and every kind of forged or changed link."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qsl

import pytest

from stillframe.errors import SignatureExpired, SignatureInvalid
from stillframe.signing import (
    Keys,
    canonical_query,
    sign,
    sign_query,
    string_to_sign,
    verify_query,
    webhook_signature,
)

SECRET = "0123456789abcdef0123456789abcdef"
KEYS = Keys.read(SECRET)
NOW = 1_800_000_000
PAIRS = [("url", "https://example.com/a?b=c&d=e"), ("format", "jpeg")]


def link(
    pairs: list[tuple[str, str]] | None = None,
    *,
    expires: int = NOW + 60,
    keys: Keys = KEYS,
    kid: str | None = None,
) -> list[tuple[str, str]]:
    return parse_qsl(sign_query(keys, "/capture", pairs or PAIRS, expires, kid=kid), keep_blank_values=True)


def verify(
    pairs: list[tuple[str, str]],
    *,
    keys: Keys = KEYS,
    method: str = "GET",
    path: str = "/capture",
    now: float = NOW,
    compat: bool = False,
) -> list[tuple[str, str]]:
    return verify_query(keys, method, path, pairs, max_age=3600, now=now, compat=compat)


def test_the_canonical_query_is_sorted_and_escapes_everything() -> None:
    assert (
        canonical_query([("b", "1 2"), ("a", "/?&=+ü~"), ("a", "")]) == "a=&a=%2F%3F%26%3D%2B%C3%BC~&b=1%202"
    )


def test_the_string_to_sign_is_the_documented_one() -> None:
    assert string_to_sign("GET", "/capture", [("b", "2"), ("a", "1")]) == b"v1\nGET\n/capture\na=1&b=2\n"


def test_a_vector_made_by_hand() -> None:
    # printf 'v1\nGET\n/capture\nexpires=1800000060&kid=default&url=https%%3A%%2F%%2Fexample.com%%2F\n' |
    #     openssl dgst -sha256 -hmac "$SECRET" -binary | basenc --base64url
    by_hand = "95YXHlzXEQgfqgPFKYNrMPLetQsIS7GjDh-CH98zA8A"
    assert dict(link([("url", "https://example.com/")]))["signature"] == by_hand
    assert verify(
        [
            ("url", "https://example.com/"),
            ("expires", "1800000060"),
            ("kid", "default"),
            ("signature", by_hand),
        ]
    ) == [("url", "https://example.com/")]


def test_a_link_gives_its_options_back() -> None:
    assert sorted(verify(link())) == sorted(PAIRS)


def test_the_order_of_the_pairs_does_not_matter() -> None:
    assert sorted(verify(link()[::-1])) == sorted(PAIRS)


def changed(pairs: list[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    return [(k, value if k == name else v) for k, v in pairs]


FORGERIES = {
    "another address": changed(link(), "url", "https://evil.example/"),
    "another format": changed(link(), "format", "png"),
    "a later end": changed(link(), "expires", str(NOW + 600)),
    "another key": changed(link(), "kid", "other"),
    "no signature": [p for p in link() if p[0] != "signature"],
    "an empty signature": changed(link(), "signature", ""),
    "a cut signature": changed(link(), "signature", dict(link())["signature"][:-1]),
    "a signature with padding": changed(link(), "signature", dict(link())["signature"] + "="),
    "an option more": [*link(), ("full_page", "true")],
    "an option less": [p for p in link() if p[0] != "format"],
    "an option twice": [*link(), ("format", "jpeg")],
    "no end": [p for p in link() if p[0] != "expires"],
    "a short end": changed(link(), "expires", "180000006"),
    "an end with a sign": changed(link(), "expires", "+1800000060"),
    "no key id": [p for p in link() if p[0] != "kid"],
}


@pytest.mark.parametrize("pairs", list(FORGERIES.values()), ids=list(FORGERIES))
def test_a_changed_link_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(SignatureInvalid):
        verify(pairs)


def test_another_method_or_path_is_refused() -> None:
    for change in ({"method": "POST"}, {"path": "/sign"}):
        with pytest.raises(SignatureInvalid):
            verify(link(), **change)  # type: ignore[arg-type]


def test_an_expired_link_is_told_apart() -> None:
    with pytest.raises(SignatureExpired):
        verify(link(expires=NOW - 1))
    # Only who has the key learns that it has expired.
    with pytest.raises(SignatureInvalid):
        verify(changed(link(expires=NOW - 1), "url", "https://evil.example/"))


def test_a_link_too_far_ahead_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        verify(link(expires=NOW + 3600 + 61))


def test_keys_rotate() -> None:
    both = Keys.read(f"new={'n' * 32}, old={'o' * 32}")
    assert dict(link(keys=both))["kid"] == "new"
    assert verify(link(keys=both, kid="old"), keys=both)
    with pytest.raises(SignatureInvalid):
        verify(link(keys=both, kid="old"), keys=Keys.read(f"new={'n' * 32}"))


@pytest.mark.parametrize("text", ["short", f"a={'x' * 31}"])
def test_a_weak_key_is_not_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="fewer than 32"):
        Keys.read(text)


@pytest.mark.parametrize("text", [f"{'n' * 32},{'o' * 32}", f"a={'n' * 32},a={'o' * 32}"])
def test_two_keys_of_one_name_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"two keys are named '(default|a)'"):
        Keys.read(text)


def test_a_short_key_that_ends_in_padding_is_not_taken_for_a_name() -> None:
    with pytest.raises(ValueError, match="the key 'default' has fewer") as error:
        Keys.read("c2hvcnQta2V5LW9mLTIw==")
    assert "c2hv" not in str(error.value)


def test_the_token_is_no_key() -> None:
    with pytest.raises(ValueError, match="must not be"):
        Keys.read(SECRET, token=f"other,{SECRET}")


def test_pixashots_scheme_only_when_asked() -> None:
    pairs = [("format", "png"), ("expires", str(NOW + 60)), ("url", "https://example.com/")]
    text = "&".join(f"{k}={v}" for k, v in sorted(pairs))
    signed = [*pairs, ("signature", sign(SECRET.encode(), text.encode()))]
    assert verify(signed, compat=True)
    with pytest.raises(SignatureInvalid):
        verify(signed)
    with pytest.raises(SignatureInvalid):
        verify([p for p in signed if p[0] != "expires"], compat=True)


def test_a_webhook_is_signed_over_time_and_body() -> None:
    by_hand = hmac.new(b"k", b'1800000000.{"a":1}', hashlib.sha256).hexdigest()
    assert webhook_signature(b"k", "1800000000", b'{"a":1}') == f"v1={by_hand}"
