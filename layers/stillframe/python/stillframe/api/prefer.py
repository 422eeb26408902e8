"""A capture that its door has no time for becomes a job, when the caller said that it may."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable

from ..errors import DeadlineExceeded
from ..request import CaptureRequest
from ..result import CaptureResult
from ..settings import Settings

_WAIT = re.compile(r"wait\s*=\s*(\d{1,5})")
# What is kept to queue the job and to answer.
_RESERVE = 1.0


def preference(header: str | None) -> tuple[bool, float | None]:
    """Whether `Prefer` allows an asynchronous answer (RFC 7240), and the seconds its sender would wait for another."""
    wishes = [part.strip().lower() for part in (header or "").split(",")]
    if "respond-async" not in wishes:
        return False, None
    waits = [int(m[1]) for part in wishes if (m := _WAIT.fullmatch(part))]
    return True, float(waits[0]) if waits else None


def patience(
    request: CaptureRequest,
    config: Settings,
    door_seconds: float | None,
    left: float | None,
    wait: float | None,
) -> float | None:
    """Seconds to try on the line; None when the request's own deadline comes first and its failure is its answer."""
    limits = [s - _RESERVE for s in (door_seconds, left) if s is not None] + ([] if wait is None else [wait])
    own = (request.timeout or config.default_timeout_ms) / 1000
    seconds = max(0.0, min(limits, default=own))
    return None if own <= seconds else seconds


async def in_time(capture: Awaitable[CaptureResult], seconds: float | None) -> CaptureResult | None:
    """The result, or None when it would come too late. Raises CaptureError."""
    if seconds is None:
        return await capture
    try:
        async with asyncio.timeout(seconds):
            return await capture
    except (TimeoutError, DeadlineExceeded):
        return None
