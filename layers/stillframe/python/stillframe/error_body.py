"""The error body: Pixashot's fields and those of this service, the same at every door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .errors import CaptureError


def error_body(error: CaptureError, request_id: str) -> dict[str, Any]:
    """The error as a JSON object, the same at every door."""
    return {
        "status": "error",
        "message": error.message,
        "error_type": type(error).__name__,
        "error_details": error.details,
        "timestamp": datetime.now(UTC).isoformat(),
        "code": error.code,
        "retryable": error.retryable,
        "request_id": request_id,
        "documentation_url": error.documentation_url,
        "target": error.target or {"url": None, "final_url": None, "status": None},
    }
