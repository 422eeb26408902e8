"""Links of the local storages: signed by a key of the storage's own, checked by the local server."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from .. import signing


def make(secret: bytes, key: str, ttl: int, base_url: str) -> tuple[str, datetime]:
    """A link to `/files/<key>` of the server at `base_url`."""
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=ttl)
    expires = str(int(until.timestamp()))
    path = f"/files/{quote(key)}"
    return f"{base_url.rstrip('/')}{path}?expires={expires}&signature={_sign(secret, key, expires)}", until


def good(secret: bytes, key: str, expires: str, signature: str) -> bool:
    """Whether a link was made with this key and has not ended."""
    return (
        signing.equal(signature, _sign(secret, key, expires))
        and expires.isdigit()
        and int(expires) >= time.time()
    )


def _sign(secret: bytes, key: str, expires: str) -> str:
    return signing.sign(secret, f"file\n{key}\n{expires}\n".encode())
