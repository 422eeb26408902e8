"""Links of the local storages, signed with the storage's key and verified by the local server."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from .. import signing


def make(secret: bytes, key: str, ttl: int, base_url: str) -> tuple[str, datetime]:
    """A link to `/files/<key>` of the server at `base_url`, and its expiry; `ttl` is in seconds."""
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=ttl)
    expires = str(int(expires_at.timestamp()))
    address = f"{base_url.rstrip('/')}/files/{quote(key)}"
    return f"{address}?expires={expires}&signature={_sign(secret, key, expires)}", expires_at


def is_valid(secret: bytes, key: str, expires: str, signature: str) -> bool:
    """Whether the signature is valid for key and expiry, and the link has not expired."""
    return (
        signing.equal(signature, _sign(secret, key, expires))
        and expires.isdigit()
        and int(expires) >= time.time()
    )


def _sign(secret: bytes, key: str, expires: str) -> str:
    return signing.sign(secret, f"file\n{key}\n{expires}\n".encode())
