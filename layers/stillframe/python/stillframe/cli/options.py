"""Command-line flags, generated from the request model: every option with its aliases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..options import facets_of
from ..request import CaptureRequest
from ..request.reading import kind_of


def flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add one flag per capture option to a command."""
    facets = facets_of(CaptureRequest)
    for name, info in reversed(CaptureRequest.model_fields.items()):
        # SOURCE replaces `url`; jobs, webhooks and storage need a running service.
        if (flag := facets[name].cli) is None:
            continue
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        aliases: Any = extra.get("x-aliases", ())
        names = [f"--{n.replace('_', '-')}" for n in (name, *aliases)]
        kind = kind_of(info.annotation)
        settings: dict[str, Any] = {"help": info.description, "default": None}
        if kind == "bool":
            names = [f"{names[0]}/--no-{name.replace('_', '-')}", *names[1:]]
        elif kind == "list":
            settings["multiple"] = True
        if flag.value:
            settings |= {"is_flag": False, "flag_value": flag.value}
        if flag.short:
            names.append(flag.short)
        command = click.option(*names, name, **settings)(command)
    return command


def pairs(given: dict[str, Any]) -> list[tuple[str, str]]:
    """The given flags as the pairs of a query string."""
    found: list[tuple[str, str]] = []
    for name, value in given.items():
        if value is None or value == ():
            continue
        if isinstance(value, bool):
            found.append((name, "true" if value else "false"))
        elif isinstance(value, tuple):
            found += [(name, v) for v in value]
        else:
            found.append((name, str(value)))
    return found
