"""The `Prefer` header (RFC 7240): a capture becomes a job when its door or caller cannot wait for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from typing import NamedTuple

from ..errors import DeadlineExceeded
from ..request import CaptureRequest
from ..result import CaptureResult
from ..settings import Settings

_WAIT = re.compile(r"wait\s*=\s*(\d{1,5})")
# Seconds reserved for queueing the job and sending the 202.
_RESERVE = 1.0


class Preference(NamedTuple):
    """Whether the caller accepts 202 with a job, and the seconds it would wait for the result instead."""

    respond_async: bool
    wait: float | None


def parse_prefer(header: str | None) -> Preference:
    """Read `respond-async` and `wait`; `wait` alone asks for nothing that the service offers."""
    parts = [part.strip().lower() for part in (header or "").split(",")]
    if "respond-async" not in parts:
        return Preference(False, None)
    waits = [int(match[1]) for part in parts if (match := _WAIT.fullmatch(part))]
    return Preference(True, float(waits[0]) if waits else None)


def sync_wait_seconds(
    capture_request: CaptureRequest,
    config: Settings,
    door_seconds: float | None,
    seconds_left: float | None,
    wait: float | None,
) -> float | None:
    """Seconds to wait for the result before the capture becomes a job.

    None if the request's own timeout comes first: its failure is then the answer, and no job is made.
    """
    limits = [seconds - _RESERVE for seconds in (door_seconds, seconds_left) if seconds is not None]
    if wait is not None:
        limits.append(wait)
    timeout = (capture_request.timeout or config.default_timeout_ms) / 1000
    seconds = max(0.0, min(limits, default=timeout))
    return None if timeout <= seconds else seconds


async def or_none_when_late(capture: Awaitable[CaptureResult], seconds: float | None) -> CaptureResult | None:
    """The result, or None if it is not ready within `seconds`. Raises CaptureError."""
    if seconds is None:
        return await capture
    try:
        async with asyncio.timeout(seconds):
            return await capture
    except (TimeoutError, DeadlineExceeded):
        return None
