"""HMAC signatures of links and webhooks: what is signed, how, and how it is checked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from .errors import SignatureExpired, SignatureInvalid

MIN_SECRET = 32
_EXPIRES = re.compile(r"[0-9]{10}")
_OWN = frozenset({"signature", "expires", "kid"})


@dataclass(frozen=True, slots=True)
class Keys:
    """Signing keys by id; the first one signs."""

    by_id: dict[str, bytes]

    @classmethod
    def read(cls, text: str, *, token: str = "") -> Keys:
        """From `secret` or `kid=secret,kid=secret`. Raises ValueError for a key that is short or equals a token."""
        found: dict[str, bytes] = {}
        for part in filter(None, (p.strip() for p in text.split(","))):
            kid, equals, secret = part.partition("=")
            if not equals or not re.fullmatch(r"[A-Za-z0-9._-]{1,32}", kid):
                kid, secret = "default", part
            if len(secret) < MIN_SECRET:
                raise ValueError(
                    f"URL_SIGNING_SECRET: the key '{kid}' has fewer than {MIN_SECRET} characters"
                )
            if secret in token.split(","):
                raise ValueError("URL_SIGNING_SECRET must not be the AUTH_TOKEN")
            found[kid] = secret.encode()
        return cls(found)

    def __bool__(self) -> bool:
        return bool(self.by_id)


Pairs = list[tuple[str, str]]


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs sorted, every key and value percent-encoded with no safe character, joined `k=v&k=v`."""
    return "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(pairs))


def string_to_sign(method: str, path: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    return f"v1\n{method}\n{path}\n{canonical_query(pairs)}\n".encode()


def sign(secret: bytes, message: bytes) -> str:
    """HMAC-SHA256 as base64url without padding."""
    return base64.urlsafe_b64encode(hmac.new(secret, message, hashlib.sha256).digest()).rstrip(b"=").decode()


def sign_query(keys: Keys, path: str, pairs: Pairs, expires: int, *, kid: str | None = None) -> str:
    """The query string of a signed link; which options a link may set is for the caller to check."""
    chosen = kid or next(iter(keys.by_id))
    full = [*pairs, ("expires", str(expires)), ("kid", chosen)]
    signature = sign(keys.by_id[chosen], string_to_sign("GET", path, full))
    return f"{canonical_query(full)}&signature={signature}"


def verify_query(
    keys: Keys,
    method: str,
    path: str,
    pairs: Pairs,
    *,
    max_age: int,
    compat: bool = False,
    now: float | None = None,
) -> Pairs:
    """The options of a signed link, once its signature and life are found good.

    Raises SignatureInvalid or SignatureExpired.
    """
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise SignatureInvalid("A signed link names every option once.")
    values = dict(pairs)
    if method != "GET":
        raise SignatureInvalid("Signed links are for GET only.")
    if not _EXPIRES.fullmatch(values.get("expires", "")):
        raise SignatureInvalid("A signed link needs `expires`: ten digits, seconds since 1970.")
    signed = [(k, v) for k, v in pairs if k != "signature"]
    given = values.get("signature", "")
    kid = values.get("kid")
    candidates = [keys.by_id[kid]] if kid in keys.by_id else [] if kid else list(keys.by_id.values())
    messages = [string_to_sign(method, path, signed)]
    if compat and kid is None:
        messages.append("&".join(f"{k}={v}" for k, v in sorted(signed)).encode())
    good = False
    for secret in candidates:
        for message in messages:
            good |= equal(given, sign(secret, message))
    if not good:
        raise SignatureInvalid("The link's signature is not valid.")
    at, expires = time.time() if now is None else now, int(values["expires"])
    if expires < at:
        raise SignatureExpired("The link has expired.")
    if expires > at + max_age + 60:
        raise SignatureInvalid(f"`expires` is more than {max_age} seconds ahead.")
    return [(k, v) for k, v in signed if k not in _OWN]


def equal(a: str, b: str) -> bool:
    """Constant-time comparison of two texts."""
    return hmac.compare_digest(a.encode("utf-8", "replace"), b.encode("utf-8", "replace"))


def webhook_signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """`v1=<hex HMAC-SHA256 of "timestamp.body">`."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
