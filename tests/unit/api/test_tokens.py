"""AUTH_TOKEN: names, rates, rotation and revocation."""

from __future__ import annotations

import pytest

from stillframe.api.tokens import find, read_tokens

A, B, C = "a" * 24, "b" * 24, "c" * 24


def test_a_named_token_is_one_caller_whatever_its_secret_is() -> None:
    tokens, secrets = read_tokens(f"billing:{A}, {B} ,billing:{C}")
    assert secrets == [A, B, C]
    old, plain, new = (find(tokens, secret) for secret in secrets)
    assert old is not None
    assert plain is not None
    assert new is not None
    assert old.caller == new.caller == "name:billing"
    assert plain.caller.startswith("token:")
    assert len(plain.caller) == len("token:") + 16
    assert plain.rate is old.rate is None


def test_a_token_that_is_no_longer_listed_is_not_found() -> None:
    tokens, _ = read_tokens(f"billing:{A},search:{B}")
    assert [t.caller for t in tokens] == ["name:billing", "name:search"]
    left, _ = read_tokens(f"search:{B}")
    assert find(left, A) is None
    assert find(left, f"search:{B}") is None, "the name is no part of the secret"


def test_a_token_may_have_a_rate_of_its_own() -> None:
    tokens, _ = read_tokens(f"billing:{A}:5 per minute,search:{B}:2/second")
    assert [t.rate for t in tokens] == [(5, 60), (2, 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("short", "a token has fewer than 24 characters"),
        ("billing:short", "the token 'billing' has fewer than 24 characters"),
        (f":{A}", "the name before a colon"),
        (f"a b:{A}", "the name before a colon"),
        (f"{'n' * 65}:{A}", "the name before a colon"),
        (f"billing:{A}:often", "the rate of the token 'billing' is not such as '5 per minute'"),
        (f"billing:{B}:{A}", "the rate of the token 'billing'"),
        (f"billing:{B}:0 per day:{A}", "the rate of the token 'billing'"),
        (f"{B},{B}", "a token is listed twice"),
        (f"billing:{A}:1 per day,billing:{B}:2 per day", "'billing' have different rates"),
        (f"billing:{A},search:{A}", "'search' is listed twice"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused_without_its_secrets(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        read_tokens(text)
    assert A not in str(error.value)
