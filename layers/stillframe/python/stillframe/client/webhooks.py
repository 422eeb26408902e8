"""Verify what the service posts to a webhook."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .. import signing
from ..errors import SignatureExpired, SignatureInvalid


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    tolerance: float = 300,
    now: float | None = None,
) -> dict[str, Any]:
    """The job of a delivery, once its signature is verified; `secret` may be several during a rotation.

    `body` is what was received, byte by byte. `tolerance` is how old or early the delivery may be, in
    seconds. Deliveries are repeated: `X-Stillframe-Job` or the job's `id` tells which one it is.
    Raises SignatureInvalid, SignatureExpired.
    """
    found = {name.lower(): value for name, value in headers.items()}
    timestamp = found.get("x-stillframe-timestamp", "")
    given = found.get("x-stillframe-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise SignatureInvalid("The delivery has no X-Stillframe-Timestamp.")
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not secrets or not all(secrets):
        raise SignatureInvalid("verify_webhook needs the WEBHOOK_SECRET of the service.")
    expected = [signing.webhook_signature(one.encode(), timestamp, body) for one in secrets]
    # Each is compared, so that the time does not tell which one it was.
    if not sum(signing.equal(given, one) for one in expected):
        raise SignatureInvalid("The signature of the delivery is not valid.")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance:
        raise SignatureExpired(f"The delivery is more than {tolerance:g} seconds old or early.")
    job = json.loads(body)
    if not isinstance(job, dict):
        raise SignatureInvalid("The delivery is not a job.")
    return job
