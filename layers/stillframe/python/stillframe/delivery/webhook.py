"""Deliver a finished job to its webhook: signed, and sent through the guard like the browser's requests."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .. import signing
from ..egress import EgressGuard
from ..egress.client import guarded_post
from ..errors import CaptureError, NotConfigured
from ..settings import Settings

# Seconds before the second, third … attempt; 900 is the longest delay of an SQS message.
BACKOFF = (10, 60, 300, 900, 900)
ATTEMPTS = len(BACKOFF) + 1
_SECONDS = 10.0
# Statuses below 500 after which a retry may succeed.
_RETRY_STATUSES = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one attempt: the HTTP status or error code, whether it arrived, whether to retry."""

    answer: str
    arrived: bool = False
    retry: bool = False


def signing_key(settings: Settings) -> bytes:
    """WEBHOOK_SECRET, else the first signing key. Raises NotConfigured without either."""
    if settings.webhook_secret:
        if len(settings.webhook_secret) < signing.MIN_SECRET:
            raise NotConfigured(f"WEBHOOK_SECRET has fewer than {signing.MIN_SECRET} characters.")
        return settings.webhook_secret.encode()
    try:
        keys = signing.Keys.read(settings.url_signing_secret)
    except ValueError as error:
        raise NotConfigured(str(error)) from None
    if not keys:
        raise NotConfigured("Webhooks are signed, and neither WEBHOOK_SECRET nor URL_SIGNING_SECRET is set.")
    return next(iter(keys.by_id.values()))


def headers(key: bytes, body: bytes, job_id: str, attempt: int, now: float | None = None) -> dict[str, str]:
    """The headers of a delivery; receivers use X-Stillframe-Job to detect repeated deliveries."""
    timestamp = str(int(time.time() if now is None else now))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Stillframe-Webhook/1",
        "X-Stillframe-Job": job_id,
        "X-Stillframe-Attempt": str(attempt),
        "X-Stillframe-Timestamp": timestamp,
        "X-Stillframe-Signature": signing.webhook_signature(key, timestamp, body),
    }


async def deliver(
    guard: EgressGuard, settings: Settings, url: str, body: bytes, job_id: str, attempt: int
) -> Delivery:
    """One attempt of at most ten seconds; errors of the receiver are returned, not raised."""
    try:
        signed = headers(signing_key(settings), body, job_id, attempt)
        status = await guarded_post(guard, url, body, signed, _SECONDS)
    except CaptureError as error:
        return Delivery(error.code, retry=error.retryable)
    return Delivery(str(status), 200 <= status < 300, status >= 500 or status in _RETRY_STATUSES)
