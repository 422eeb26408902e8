"""The time left for one request, asked by every step."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from .errors import DeadlineExceeded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock that a capture must not pass."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - time.monotonic())

    def timeout(self, cap_ms: float | None, phase: str) -> float:
        """Milliseconds that `phase` may take: the cap or what is left.

        Raises DeadlineExceeded when nothing is.
        """
        left = self.remaining() * 1000
        if left < 1:
            raise DeadlineExceeded(phase)
        return left if cap_ms is None else min(cap_ms, left)

    async def run(self, work: Awaitable[T], phase: str, cap_ms: float | None = None) -> T:
        """Await `work` for at most `cap_ms` or the time left. Raises DeadlineExceeded naming the phase."""
        try:
            seconds = self.timeout(cap_ms, phase) / 1000
        except DeadlineExceeded:
            if inspect.iscoroutine(work):
                work.close()  # a coroutine that is never awaited warns
            raise
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            raise DeadlineExceeded(phase) from error

    def share(self, fraction: float, cap_ms: float) -> float:
        """Milliseconds for an optional wait: `cap_ms`, or `fraction` of the time left if that is less."""
        return min(cap_ms, self.remaining() * 1000 * fraction)

    def at_least(self, seconds: float) -> Deadline:
        """This deadline, or one `seconds` from now when that is later."""
        return Deadline(max(self.at, time.monotonic() + seconds))

    def earlier(self, seconds: float) -> Deadline:
        """This deadline, or one `seconds` from now when that is sooner."""
        return Deadline(min(self.at, time.monotonic() + seconds))
