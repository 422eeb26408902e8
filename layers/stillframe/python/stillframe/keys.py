"""Names derived from requests: cache keys, storage keys, request ids."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import uuid
from datetime import UTC, datetime

from .request import CaptureRequest
from .request.facets import identity

# Raised when the same request would produce other bytes, so that old results are not served.
_CACHE_VERSION = 1


def cache_key(request: CaptureRequest) -> str:
    """SHA-256 of the canonical request: equal wishes have equal keys, however they were spelt."""
    text = json.dumps(
        [_CACHE_VERSION, identity(request)], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def object_key(extension: str, now: datetime | None = None) -> str:
    """A new storage key, `2026/11/<uuid>.png`; callers never choose one."""
    at = now or datetime.now(UTC)
    return f"{at:%Y/%m}/{uuid.uuid4()}.{extension}"


def new_request_id() -> str:
    """Sortable by time, unguessable in the rest."""
    return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(8)}"
