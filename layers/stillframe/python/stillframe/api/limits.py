"""Rate limits: one token bucket per caller in each process.

On Lambda each execution environment counts for itself; the throttle of API Gateway limits them all together.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import RateLimited
from ..settings import SettingNotValid, Settings

# Requests, and the seconds of their period.
Rate = tuple[int, int]
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_MAX_CALLERS = 10_000


@dataclass(slots=True)
class RateLimitStatus:
    """The state of a caller's bucket after a request; `reset` is in seconds until the bucket is full."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


def read_rate(text: str) -> Rate:
    """`5 per minute` → (5, 60): requests, and the seconds of their period. Raises ValueError."""
    match = re.fullmatch(r"\s*(\d+)\s*(?:per|/)\s*(second|minute|hour|day)s?\s*", text)
    if match is None or int(match[1]) < 1:
        raise ValueError(f"{text!r} is not a rate such as '5 per minute'")
    return int(match[1]), _SECONDS[match[2]]


def _rate_of(name: str, text: str) -> Rate:
    try:
        return read_rate(text)
    except ValueError as error:
        raise SettingNotValid(f"{name}: {error}.") from None


class Limiter:
    """Token buckets that refill continuously; the least recently seen callers are dropped first."""

    def __init__(self, config: Settings, own: Mapping[str, Rate] | None = None) -> None:
        """`own` holds the rates of single callers, which apply even where limits are disabled.

        Raises ValueError, which names the setting, for a rate that cannot be read.
        """
        self.own: Mapping[str, Rate] = own or {}
        self._rates = {
            "link": _rate_of("RATE_LIMIT_SIGNED", config.rate_limit_signed),
            "": _rate_of("RATE_LIMIT_CAPTURE", config.rate_limit_capture),
        }
        self._enabled = config.rate_limit_enabled
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str, now: float | None = None, *, count: int = 1) -> RateLimitStatus | None:
        """Take `count` tokens; None when limits are disabled. Raises RateLimited with the seconds to wait.

        A batch larger than the bucket is granted while a token is left. The bucket then owes the rest, so
        the caller's rate holds over time.
        """
        own = self.own.get(caller)
        if own is None and not self._enabled:
            return None
        size, per = own or self._rates["link" if caller.startswith("link:") else ""]
        at = time.monotonic() if now is None else now
        with self._lock:
            tokens, last = self._buckets.pop(caller, (float(size), at))
            tokens = min(size, tokens + (at - last) * size / per)
            granted = tokens >= 1
            left = tokens - count if granted else tokens
            self._buckets[caller] = (left, at)
            if len(self._buckets) > _MAX_CALLERS:
                self._buckets.popitem(last=False)
        status = RateLimitStatus(size, max(0, int(left)), math.ceil((size - left) * per / size))
        if not granted:
            error = RateLimited(
                "Too many captures; try again later.",
                retry_after=max(1, math.ceil((1 - tokens) * per / size)),
            )
            error.rate_limit_status = status.headers()
            raise error
        return status
