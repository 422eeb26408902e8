"""What travels on the queue: a capture of a job, a delivery of its webhook, one request of a dropped list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..errors import RequestNotValid


@dataclass(frozen=True, slots=True)
class Capture:
    """Capture `request` (or what lies in the storage under `request_key`) for a job."""

    job: str
    request: dict[str, Any] | None = None
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class Announce:
    """Post a finished job to its webhook."""

    webhook: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Dropped:
    """Capture `request` and write it where the drop `stem` has its results."""

    stem: str
    request: dict[str, Any]


Message = Capture | Announce | Dropped
# A request that is no object is its job's or its drop's error, not the message's.
_TYPES: dict[str, type] = {
    "job": str,
    "request": object,
    "request_key": str,
    "webhook": str,
    "attempt": int,
    "stem": str,
}


def write(message: Message) -> str:
    """The message as the queue carries it."""
    parts = {name: getattr(message, name) for name in message.__slots__}
    return json.dumps({k: v for k, v in parts.items() if v is not None}, separators=(",", ":"))


def read(body: str, message_id: str) -> Message:
    """The message, or a bare request, whose job is named after the message. Raises RequestNotValid for anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestNotValid("The message is not valid JSON.") from None
    if not isinstance(value, dict):
        raise RequestNotValid("The message is not a JSON object.")
    for kind in (Capture, Announce, Dropped):
        if kind.__slots__[0] in value:
            try:
                if all(isinstance(v, _TYPES[name]) for name, v in value.items()):
                    return kind(**value)
            except (KeyError, TypeError):
                pass
            raise RequestNotValid(f"The message is not a {kind.__name__.lower()} message.")
    return Capture(message_id, value)
