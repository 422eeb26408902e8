r"""Sign and verify links and webhooks with HMAC-SHA256.

A signed link is a GET of an endpoint with the options as its query, and three parameters more:

- `expires`: seconds since 1970, ten digits;
- `kid`: the id of the key, `default` for a key without an id; without it every key is tried;
- `signature`: HMAC-SHA256 of the string to sign, as base64url without padding.

The string to sign has four lines, each ended by a line feed: `v1`, the method, the path, and the canonical
query, which holds every parameter but `signature`. A link for `https://example.com/` in a shell:

    query='expires=1800000060&kid=default&url=https%3A%2F%2Fexample.com%2F'
    signature=$(printf 'v1\nGET\n/capture\n%s\n' "$query" |
        openssl dgst -sha256 -hmac "$URL_SIGNING_SECRET" -binary | basenc --base64url | tr -d =)
    echo "/capture?$query&signature=$signature"
"""

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
# The only endpoint that links lead to.
LINK_PATH = "/capture"
_EXPIRES = re.compile(r"[0-9]{10}")
_CLOCK_SKEW_SECONDS = 60
_SIGNING_PARAMETERS = frozenset({"signature", "expires", "kid"})


@dataclass(frozen=True, slots=True)
class Keys:
    """Signing keys by id; the first one signs, all of them verify."""

    by_id: dict[str, bytes]

    @classmethod
    def read(cls, text: str, *, token: str = "") -> Keys:
        """Parse `secret` or `kid=secret,kid=secret`; a key without a name is named `default`.

        Raises ValueError for a short key, a token as key, and two keys of one name; the text has no secret.
        """
        found: dict[str, bytes] = {}
        for part in filter(None, (p.strip() for p in text.split(","))):
            kid, equals, secret = part.partition("=")
            # What follows the padding of base64 is no secret.
            if not equals or not re.fullmatch(r"[A-Za-z0-9._-]{1,32}", kid) or not secret.strip("="):
                kid, secret = "default", part
            if len(secret) < MIN_SECRET:
                raise ValueError(
                    f"URL_SIGNING_SECRET: the key '{kid}' has fewer than {MIN_SECRET} characters"
                )
            if secret in token.split(","):
                raise ValueError("URL_SIGNING_SECRET must not be the same as AUTH_TOKEN")
            if kid in found:
                raise ValueError(f"URL_SIGNING_SECRET: two keys are named '{kid}'; write `kid=secret`")
            found[kid] = secret.encode()
        return cls(found)

    def __bool__(self) -> bool:
        return bool(self.by_id)


Pairs = list[tuple[str, str]]


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The parameters sorted by name, then by value, and joined as `name=value&name=value`.

    Names and values are percent-encoded in UTF-8 with upper-case hex digits; only letters, digits and `_.-~`
    stay as they are. A space becomes `%20`, not `+`. Sorting comes before encoding.
    """
    return "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(pairs))


def string_to_sign(method: str, path: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    """`v1`, method, path and canonical query, each followed by a line feed."""
    return f"v1\n{method}\n{path}\n{canonical_query(pairs)}\n".encode()


def sign(secret: bytes, message: bytes) -> str:
    """HMAC-SHA256 as base64url without padding."""
    return base64.urlsafe_b64encode(hmac.new(secret, message, hashlib.sha256).digest()).rstrip(b"=").decode()


def sign_query(keys: Keys, path: str, pairs: Pairs, expires: int, *, kid: str | None = None) -> str:
    """The query string of a signed link, with `expires`, `kid` and `signature`.

    `expires` is in seconds since 1970. The caller checks which options a link may set.
    """
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
    """Verify a signed link and return its options, without `expires`, `kid` and `signature`.

    `max_age` is how far ahead `expires` may be, in seconds. `compat` also accepts Pixashot's scheme, which
    signs the unescaped query alone. Raises SignatureInvalid or SignatureExpired.
    """
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise SignatureInvalid("A signed link must not repeat a parameter.")
    values = dict(pairs)
    if method != "GET":
        raise SignatureInvalid("A signed link works with GET only.")
    if not _EXPIRES.fullmatch(values.get("expires", "")):
        raise SignatureInvalid("A signed link needs `expires`, ten digits: seconds since 1970.")
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
        raise SignatureInvalid("The signature of the link is not valid.")
    at, expires = time.time() if now is None else now, int(values["expires"])
    if expires < at:
        raise SignatureExpired("The link has expired.")
    if expires > at + max_age + _CLOCK_SKEW_SECONDS:
        raise SignatureInvalid(f"`expires` is more than {max_age} seconds ahead.")
    return [(k, v) for k, v in signed if k not in _SIGNING_PARAMETERS]


def equal(a: str, b: str) -> bool:
    """Compare two strings in constant time."""
    return hmac.compare_digest(a.encode("utf-8", "replace"), b.encode("utf-8", "replace"))


def webhook_signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256 of timestamp, a dot and body, in hex."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
