"""Read the body of a POST request."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NoReturn

from fastapi import Request

from ..errors import BodyTooLarge, RequestNotValid
from ..request import CaptureRequest, parse
from . import upload

# A larger body is parsed in a thread: the event loop serves other requests meanwhile.
_LARGE_BYTES = 65_536


async def json_body(request: Request) -> Any:
    """The body as JSON. Raises BodyTooLarge, RequestNotValid."""
    body = await bytes_of(request)
    return await asyncio.to_thread(loads, body) if len(body) > _LARGE_BYTES else loads(body)


async def bytes_of(request: Request) -> bytes:
    """The body. Raises BodyTooLarge, RequestNotValid."""
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
    return b"".join(chunks)


async def capture_request_of(request: Request) -> CaptureRequest:
    """The body as a capture request: JSON, a zip archive or a form. Raises BodyTooLarge, RequestNotValid."""
    written = request.headers.get("content-type", "")
    kind = written.partition(";")[0].strip().lower()
    if kind in upload.ZIP_TYPES:
        body, pairs = await bytes_of(request), request.query_params.multi_items()
        return await asyncio.to_thread(lambda: parse(upload.from_zip(body, pairs)))
    if request.query_params:
        raise RequestNotValid("A POST takes its options in the body, not in the query string.")
    if kind == upload.FORM_TYPE:
        body = await bytes_of(request)
        return await asyncio.to_thread(lambda: parse(upload.from_form(body, written)))
    value = await json_body(request)
    length = request.headers.get("content-length") or ""
    large = not length.isdigit() or int(length) > _LARGE_BYTES
    found: CaptureRequest = await asyncio.to_thread(parse, value) if large else parse(value)
    return found


def loads(body: bytes) -> Any:
    """A body as JSON. Raises RequestNotValid."""
    try:
        return json.loads(body, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise RequestNotValid("The body is not valid JSON.") from None


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than the limit of {limit} bytes.")


def _reject_constant(name: str) -> NoReturn:
    """Reject `NaN` and `Infinity`, which Python's parser accepts and JSON does not have."""
    raise ValueError(name)
