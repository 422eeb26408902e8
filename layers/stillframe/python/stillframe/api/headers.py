"""Headers that every answer about a capture has."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..content_disposition import disposition

__all__ = ["common_headers", "disposition", "header_safe"]

_TIMING = {
    "queue": "queue",
    "launch": "launch",
    "lease": "lease",
    "load": "load",
    "settle": "settle",
    "shoot": "shoot",
    "encode": "encode",
    "store": "store",
    "total": "total",
}


def common_headers(request_id: str, target: dict[str, Any], timings: dict[str, float]) -> dict[str, str]:
    """Request id, the target's status and address, and the phases in milliseconds."""
    headers = {"X-Request-Id": request_id, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if target.get("status") is not None:
        headers["X-Response-Code"] = str(target["status"])
    if target.get("final_url"):
        headers["X-Response-URL"] = header_safe(target["final_url"])
    phases = [f"{name};dur={timings[name]:.1f}" for name in _TIMING if name in timings]
    if phases:
        headers["Server-Timing"] = ", ".join(phases)
    return headers


def header_safe(text: str) -> str:
    """A URL in ASCII without control characters, as a header needs it."""
    return quote(text, safe="%/:?#[]@!$&'()*+,;=~-._")[:4096]
