"""Answers of the service as the exceptions that it raised: the classes of `stillframe.errors`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from ..errors import CaptureError, DeadlineExceeded, RequestError, ServiceError, leaves

# What a gateway in front of the service answers while the service is busy, restarting or too slow.
_TRANSIENT = frozenset({429, 502, 503, 504})


class ServiceUnreachable(ServiceError):
    """The service could not be reached, or its answer was lost."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        _set(self, code="service_unreachable", status=0, retryable=True)


class UnexpectedAnswer(CaptureError):
    """An answer that is not of this service, such as a gateway's or a storage's."""

    def __init__(self, message: str, status: int, *, retry_after: int | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        _set(self, code="unexpected_answer", status=status, retryable=status in _TRANSIENT)


def raise_for(response: httpx.Response) -> None:
    """Raise the error that a response tells; its body has been read. 303 is the link to a stored result."""
    stored = response.status_code == 303 and response.has_redirect_location
    if response.status_code < 300 or stored:
        return
    body = _body_of(response)
    if body is not None:
        raise error_of(body, response.status_code, response.headers)
    where = response.headers.get("location", "")
    told = f"a redirect to {where}; use that address" if where else repr(response.text[:200])
    raise UnexpectedAnswer(
        f"{response.request.url.host} answered {response.status_code}: {told}.",
        response.status_code,
        retry_after=retry_after(response.headers),
    )


def object_of(response: httpx.Response, *names: str) -> dict[str, Any]:
    """The JSON object of an answer, with these names.

    Raises UnexpectedAnswer: any server may answer 200.
    """
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and all(name in found for name in names):
        return found
    where = response.request.url.host
    told = f"{where} answered {response.status_code}, but not as Stillframe does: {response.text[:200]!r}."
    raise UnexpectedAnswer(told, response.status_code)


def error_of(body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> CaptureError:
    """The exception of an error body; a code of a later version becomes the class of its status."""
    code = str(body.get("code", ""))
    family = RequestError if status < 500 else ServiceError
    kind = _by_code().get(code, family)
    error = kind.__new__(kind)
    # Some classes make their message from other arguments; here it is made already.
    CaptureError.__init__(
        error,
        str(body.get("message", "")),
        details=[one for one in _list(body.get("error_details")) if isinstance(one, dict)],
        retry_after=retry_after(headers or {}),
    )
    if isinstance(error, DeadlineExceeded):
        error.phase = str((error.details or [{}])[0].get("phase", ""))
    error.request_id = str(body.get("request_id", ""))
    target = body.get("target")
    error.target = dict(target) if isinstance(target, dict) else {}
    _set(error, code=code, status=status or kind.status, retryable=body.get("retryable") is True)
    return error


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds of `Retry-After`, which is a number or a date."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0, round(seconds))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _body_of(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = json.loads(response.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) and body.get("status") == "error" and "code" in body else None


@cache
def _by_code() -> dict[str, type[CaptureError]]:
    return {error.code: error for error in leaves()}


def _set(error: CaptureError, *, code: str, status: int, retryable: bool) -> None:
    """Set what is constant for a class of the service. `leaves` lists the classes that declare a code."""
    vars(error).update(code=code, status=status, retryable=retryable)
