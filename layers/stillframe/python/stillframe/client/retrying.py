"""When a request is repeated: what the service calls retryable, after `Retry-After` and a random pause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenacity import RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from ..errors import CaptureError


@dataclass(frozen=True, slots=True)
class Retries:
    """`most` repetitions after the first attempt. A `Retry-After` over `max_wait` seconds ends them.

    The random pause grows from half a second to `max_pause` seconds and is added to `Retry-After`.
    """

    most: int = 3
    max_wait: float = 30.0
    max_pause: float = 8.0

    def arguments(self) -> dict[str, Any]:
        """The arguments of tenacity's `Retrying` and `AsyncRetrying`."""
        pause = wait_random_exponential(multiplier=0.5, max=self.max_pause)
        return {
            "stop": lambda state: stop_after_attempt(self.most + 1)(state) or _asked(state) > self.max_wait,
            "wait": lambda state: _asked(state) + pause(state),
            "retry": retry_if_exception(_is_retryable),
            "reraise": True,
        }


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, CaptureError) and error.retryable


def _asked(state: RetryCallState) -> float:
    """The seconds of the last answer's `Retry-After`."""
    error = state.outcome.exception() if state.outcome else None
    return float(getattr(error, "retry_after", None) or 0)
