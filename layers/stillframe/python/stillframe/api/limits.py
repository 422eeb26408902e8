"""A token bucket for each caller, in the process; the API Gateway throttle in front of it is the outer one."""

from __future__ import annotations

import math
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from ..errors import RateLimited
from ..settings import Settings

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_CALLERS = 10_000


@dataclass(slots=True)
class RateLimitStatus:
    """What the `X-RateLimit-*` headers say."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


def read_rate(text: str) -> tuple[int, int]:
    """`5 per minute` → (5, 60). Raises ValueError."""
    match = re.fullmatch(r"\s*(\d+)\s*(?:per|/)\s*(second|minute|hour|day)s?\s*", text)
    if match is None or int(match[1]) < 1:
        raise ValueError(f"{text!r} is not a rate such as '5 per minute'")
    return int(match[1]), _SECONDS[match[2]]


class Limiter:
    """Buckets that fill steadily; the least recently seen callers are forgotten first."""

    def __init__(self, config: Settings) -> None:
        self._rates = {"link": read_rate(config.rate_limit_signed), "": read_rate(config.rate_limit_capture)}
        self._enabled = config.rate_limit_enabled
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str, now: float | None = None) -> RateLimitStatus | None:
        """Take one; None when limits are off. Raises RateLimited with the seconds to wait."""
        if not self._enabled:
            return None
        size, per = self._rates["link" if caller.startswith("link:") else ""]
        at = time.monotonic() if now is None else now
        with self._lock:
            tokens, last = self._buckets.pop(caller, (float(size), at))
            tokens = min(size, tokens + (at - last) * size / per)
            granted = tokens >= 1
            self._buckets[caller] = (tokens - granted, at)
            if len(self._buckets) > _CALLERS:
                self._buckets.popitem(last=False)
        full = math.ceil((size - tokens + granted) * per / size)
        standing = RateLimitStatus(size, int(tokens - granted), full)
        if not granted:
            error = RateLimited(
                "Too many captures; try again later.",
                retry_after=max(1, math.ceil((1 - tokens) * per / size)),
            )
            error.standing = standing.headers()
            raise error
        return standing
