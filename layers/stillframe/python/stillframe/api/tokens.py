"""Bearer tokens: `token`, `name:token` or `name:token:rate`, separated by commas."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .limits import Rate, read_rate

# A random token of 24 characters cannot be guessed; a shorter one is usually a word.
MIN_LENGTH = 24
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Token:
    """One token as its digest, so that a memory dump discloses none, and the caller who holds it.

    Tokens of one name are one caller, so that a token can be replaced without losing jobs and cached results.
    """

    digest: bytes
    caller: str
    rate: Rate | None = None


def read_tokens(text: str) -> tuple[list[Token], list[str]]:
    """The tokens of AUTH_TOKEN, and their secrets. Raises ValueError, which does not quote a secret.

    A colon separates name, token and rate; no bearer token contains one (RFC 6750, section 2.1).
    """
    tokens: list[Token] = []
    secrets: list[str] = []
    rates: dict[str, Rate | None] = {}
    for entry in filter(None, (e.strip() for e in text.split(","))):
        first, *rest = (part.strip() for part in entry.split(":", 2))
        name, secret = (first, rest[0]) if rest else ("", first)
        if rest and not _NAME.fullmatch(name):
            raise ValueError("AUTH_TOKEN: the name before a colon is not 1 to 64 of A-Z a-z 0-9 _ . -")
        whose = f"the token '{name}'" if name else "a token"
        if len(secret) < MIN_LENGTH:
            raise ValueError(
                f"AUTH_TOKEN: {whose} has fewer than {MIN_LENGTH} characters;"
                " make one with `openssl rand -hex 32`."
            )
        if secret in secrets:
            raise ValueError(f"AUTH_TOKEN: {whose} is listed twice")
        try:
            rate = read_rate(rest[1]) if len(rest) == 2 else None
        except ValueError:  # whose text may be a second token
            raise ValueError(f"AUTH_TOKEN: the rate of {whose} is not such as '5 per minute'") from None
        if name and rates.setdefault(name, rate) != rate:
            raise ValueError(f"AUTH_TOKEN: the tokens '{name}' have different rates")
        given = digest(secret)
        tokens.append(Token(given, f"name:{name}" if name else f"token:{given.hex()[:16]}", rate))
        secrets.append(secret)
    return tokens, secrets


def find(tokens: Sequence[Token], given: str) -> Token | None:
    """The token with this secret. Every one is compared, so that the time does not tell which one matches."""
    wanted, found = digest(given), None
    for token in tokens:
        if hmac.compare_digest(token.digest, wanted):
            found = token
    return found


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
