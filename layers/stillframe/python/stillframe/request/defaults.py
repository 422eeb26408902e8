"""Shared options as defaults of a request, under any of their names."""

from __future__ import annotations

from typing import Any

from ..errors import RequestNotValid
from . import CaptureRequest
from .names import snake, table


def with_defaults(options: dict[str, Any], request: Any) -> dict[str, Any]:
    """The request, plus the options it does not set itself. Raises RequestNotValid if it is no object."""
    if not isinstance(request, dict):
        raise RequestNotValid("The request must be a JSON object of options.")
    own = {_field(name) for name in request}
    return {name: value for name, value in options.items() if _field(name) not in own} | request


def _field(name: Any) -> str:
    written = snake(str(name))
    return table(CaptureRequest).get(written, written)
