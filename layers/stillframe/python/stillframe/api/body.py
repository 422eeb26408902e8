"""Read the body of a POST request."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from fastapi import Request

from ..errors import BodyTooLarge, RequestNotValid


async def json_body(request: Request) -> Any:
    """The body as JSON. Raises BodyTooLarge, RequestNotValid."""
    limit = request.app.state.config.max_body_bytes
    length = request.headers.get("content-length") or "0"
    if not (length.isascii() and length.isdigit()):
        raise RequestNotValid("Content-Length: not a number.", details=[{"field": "Content-Length"}])
    # Python refuses to convert a text of more than 4,300 digits, so the length of the text is checked first.
    if len(length) > 18 or int(length) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    try:
        return json.loads(b"".join(chunks), parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise RequestNotValid("The body is not valid JSON.") from None


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than the limit of {limit} bytes.")


def _reject_constant(name: str) -> NoReturn:
    """Reject `NaN` and `Infinity`, which Python's parser accepts and JSON does not have."""
    raise ValueError(name)
