"""Shared options under a request's own ones, whatever names either of them uses."""

from __future__ import annotations

from typing import Any

from ..errors import RequestNotValid
from . import CaptureRequest
from .names import snake, table


def merged(options: dict[str, Any], request: Any) -> dict[str, Any]:
    """`request` with the `options` it does not set itself. Raises RequestNotValid when it is not an object."""
    if not isinstance(request, dict):
        raise RequestNotValid("The request must be a JSON object of options.")
    own = {_field(name) for name in request}
    return {name: value for name, value in options.items() if _field(name) not in own} | request


def _field(name: Any) -> str:
    written = snake(str(name))
    return table(CaptureRequest).get(written, written)
