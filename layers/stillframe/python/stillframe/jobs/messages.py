"""The messages of the queue: a job's capture, a webhook delivery, one request of an input object's list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..errors import RequestNotValid


@dataclass(frozen=True, slots=True)
class Capture:
    """Capture `request` for a job, with the options stored under `request_key` beneath its own.

    `caller` is set where the job has no record yet; it is a plain word such as `schedule`, because a message
    must not take the name of a token's caller.
    """

    job: str
    request: dict[str, Any] | None = None
    request_key: str | None = None
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """Post a finished job to its webhook."""

    webhook: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class CaptureItem:
    """Capture one request of an input object's list and store its results under `result_prefix`."""

    result_prefix: str
    request: dict[str, Any]


Message = Capture | DeliverWebhook | CaptureItem
# `request` may be any value: one that is no object fails its job or item, not the message.
_TYPES: dict[str, type] = {
    "job": str,
    "request": object,
    "request_key": str,
    "caller": str,
    "webhook": str,
    "attempt": int,
    "result_prefix": str,
}


def write(message: Message) -> str:
    """The message as JSON."""
    parts = {name: getattr(message, name) for name in message.__slots__}
    return json.dumps({k: v for k, v in parts.items() if v is not None}, separators=(",", ":"))


def read(body: str, message_id: str) -> Message:
    """Parse a message. A bare request becomes a job with the id of the message.

    Raises RequestNotValid for anything else.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestNotValid("The message is not valid JSON.") from None
    if not isinstance(value, dict):
        raise RequestNotValid("The message is not a JSON object.")
    for kind in (Capture, DeliverWebhook, CaptureItem):
        name = kind.__slots__[0]
        if name in value:
            try:
                caller = value.get("caller", "x")
                if all(isinstance(v, _TYPES[field]) for field, v in value.items()) and caller.isalpha():
                    return kind(**value)
            except (KeyError, TypeError):
                pass
            raise RequestNotValid(f"The message is not valid: a message with '{name}' has other fields.")
    return Capture(message_id, value)
