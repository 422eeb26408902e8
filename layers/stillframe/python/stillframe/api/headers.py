"""Headers that every response to a capture request carries."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..content_disposition import disposition

__all__ = ["common_headers", "disposition", "header_safe"]

# Every response has these, unless its route sets another value.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Captures and stored files are made to be embedded elsewhere, by a link that is their permission.
EMBEDDABLE = {"Cross-Origin-Resource-Policy": "cross-origin"}

# The phases of `Server-Timing`, in the order of a capture.
_PHASES = ("queue", "launch", "lease", "load", "settle", "shoot", "encode", "store", "total")


def common_headers(request_id: str, target: dict[str, Any], timings: dict[str, float]) -> dict[str, str]:
    """The request id, the target's status and final URL, and the phases in milliseconds."""
    headers = {"X-Request-Id": request_id, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if target.get("status") is not None:
        headers["X-Response-Code"] = str(target["status"])
    if target.get("final_url"):
        headers["X-Response-URL"] = header_safe(target["final_url"])
    phases = [f"{name};dur={timings[name]:.1f}" for name in _PHASES if name in timings]
    if phases:
        headers["Server-Timing"] = ", ".join(phases)
    return headers


def header_safe(text: str) -> str:
    """A URL as a header value: percent-encoded ASCII, at most 4,096 characters."""
    return quote(text, safe="%/:?#[]@!$&'()*+,;=~-._")[:4096]
