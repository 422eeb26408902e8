"""Templates: named sets of options, packaged or from the operator's file, merged before validation."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from ..options import facets_of
from ..settings import settings
from .names import canonical

_MAX_NAME = 100


@cache
def templates(user_file: str = "") -> dict[str, dict[str, Any]]:
    """All templates by name; a template of `user_file` replaces a packaged one of the same name."""
    found: dict[str, dict[str, Any]] = json.loads(
        files("stillframe").joinpath("templates.json").read_text("utf-8")
    )
    if user_file:
        found |= json.loads(Path(user_file).read_text("utf-8"))
    return found


def expand(value: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Fill in the options of the template, of the device and of the operator's defaults where none is given.

    `template` and `device` are removed from the result. The canonical form omits explicit values that equal a
    default, so a template that was applied again on the next parse would override them.
    """
    name = value.get("template")
    if isinstance(name, str):
        known = templates(settings().templates_file)
        if name not in known:
            from ..similar import nearest

            near = nearest(name, known)
            raise PydanticCustomError(
                "unknown_template",
                "template: there is no template '{name}'{hint}; known templates are {known}",
                {
                    "field": "template",
                    "name": name[:_MAX_NAME],
                    "known": ", ".join(sorted(known)),
                    "hint": _hint(near),
                    "suggestion": near,
                },
            )
        value = canonical(known[name], model) | _without(value, "template")
    device = value.get("device")
    if isinstance(device, str):
        from ..steps.devices import devices, find_device

        descriptor = find_device(device)
        if descriptor is None:
            from ..similar import nearest

            near = nearest(device, devices())
            raise PydanticCustomError(
                "unknown_device",
                "device: '{name}' is not in the registry{hint}; see /devices",
                {"field": "device", "name": device[:_MAX_NAME], "hint": _hint(near), "suggestion": near},
            )
        value = descriptor | _without(value, "device")
    return dict.fromkeys(operator_defaults(model), True) | value


def _hint(near: str | None) -> str:
    return f"; did you mean '{near}'?" if near else ""


def operator_defaults(model: type[BaseModel]) -> tuple[str, ...]:
    """The options that the operator has enabled for requests that do not set them."""
    config = settings()
    return tuple(name for name, setting in _switches(model) if getattr(config, setting))


@cache
def _switches(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    return tuple((n, f.operator_default) for n, f in facets_of(model).items() if f.operator_default)


def _without(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {k: v for k, v in value.items() if k != name}
