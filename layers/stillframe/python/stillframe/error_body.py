"""The error body: Pixashot's fields and those of this service, the same at every door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .errors import CaptureError

# Names and values of the caller's stand in messages, and their length is the caller's choice.
_MAX_MESSAGE = 2_000
_MAX_TEXT = 300
_MAX_DETAILS = 100


def error_body(error: CaptureError, request_id: str) -> dict[str, Any]:
    """The error as a JSON object of bounded size, the same at every door."""
    return {
        "status": "error",
        "message": _cut(error.message, _MAX_MESSAGE),
        "error_type": error.error_type or type(error).__name__,
        "error_details": [_bounded(detail) for detail in error.details[:_MAX_DETAILS]],
        "timestamp": datetime.now(UTC).isoformat(),
        "code": error.code,
        "retryable": error.retryable,
        "request_id": request_id,
        "documentation_url": error.documentation_url,
        "target": error.target or {"url": None, "final_url": None, "status": None},
    }


def _bounded(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _cut(value, _MAX_TEXT) if isinstance(value, str) else value for name, value in detail.items()
    }


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
