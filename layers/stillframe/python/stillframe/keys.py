"""Generated names: cache keys, storage keys, request ids."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import uuid
from datetime import UTC, datetime

from .request import CaptureRequest
from .request.facets import identity

# Increment when the same request would produce other bytes, so that old results are not served.
_CACHE_VERSION = 1


def cache_key(request: CaptureRequest) -> str:
    """SHA-256 of the canonical request: the same for every spelling of the same options."""
    text = json.dumps(
        [_CACHE_VERSION, identity(request)], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def object_key(extension: str, now: datetime | None = None) -> str:
    """A new storage key, `2026/11/<uuid>.png`. Callers cannot choose keys."""
    at = now or datetime.now(UTC)
    return f"{at:%Y/%m}/{uuid.uuid4()}.{extension}"


def new_request_id() -> str:
    """A new id: the time in milliseconds, for sorting, and 64 random bits, against guessing."""
    return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(8)}"
