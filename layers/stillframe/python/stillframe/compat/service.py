"""A service: its tables, its routes, and the translation of one request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from ..errors import RequestNotValid
from ..similar import nearest
from .table import Row, Table, Translation

# A device sets the viewport, and explicit options would override it.
_OF_THE_DEVICE = ("window_width", "window_height", "pixel_density", "is_mobile", "has_touch")
_MAX_NAME = 100
_MAX_FAULTS = 20


@dataclass(frozen=True)
class Route:
    """One address of a service below `/compat/<service>/`; `{}` in `path` stands for one part of it."""

    path: str
    tables: tuple[Table, ...]
    methods: tuple[str, ...] = ("POST",)
    # The service's own defaults, and what its route decides, as options of ours.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[Translation], None] | None = None
    # The shape of the response: a name in `api/compat_responses.py`.
    shape: str = "bytes"

    @cached_property
    def rows(self) -> dict[str, Row]:
        return {row.name: row for table in self.tables for row in table.rows}

    @cached_property
    def objects(self) -> frozenset[str]:
        """The names that have rows below them."""
        parts = (name.split(".")[:-1] for name in self.rows if "[]" not in name)
        return frozenset(".".join(p[: n + 1]) for p in parts for n in range(len(p)))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("[^/]+".join(re.escape(part) for part in self.path.split("{}")) + "/?")


@dataclass(frozen=True)
class Service:
    """A service with all that its documentation lists.

    `elsewhere` has the paths without a counterpart, and what to use instead; `tables` holds every table once.
    """

    name: str
    title: str
    source: str
    tables: tuple[Table, ...]
    routes: tuple[Route, ...]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    example: tuple[str, dict[str, Any]] = ("", {})
    # The paths whose options a body on /capture may have; of each group, the first that knows every name.
    plain: tuple[tuple[str, ...], ...] = ()

    def rows(self) -> Iterator[Row]:
        for table in self.tables:
            yield from table.rows

    def has_below(self, name: str) -> bool:
        """Whether a route of the service has options below this name."""
        return any(row.name.startswith(f"{name}.") for row in self.rows())

    def route(self, path: str) -> Route | None:
        """The route of a path below the service's name."""
        return next((route for route in self.routes if route.pattern.fullmatch(path)), None)


def translate(
    service: Service, route: Route, values: Mapping[str, Any], *, defaults: bool = True
) -> tuple[dict[str, Any], dict[str, str]]:
    """Our options of a foreign request, and the foreign name of each.

    Without `defaults`, what the request leaves out keeps our default. Raises RequestNotValid, which names
    every option that cannot be meant and what to write instead.
    """
    translation = Translation()
    # A request of a few megabytes can be wrong in a hundred thousand places.
    faults = list(islice(_walk(service, route, translation, values, ""), _MAX_FAULTS))
    if not faults and route.finish is not None:
        try:
            route.finish(translation)
        except ValueError as error:
            name = str(error).partition(":")[0]
            faults.append(_detail(name, str(error)))
    if faults:
        shown = "; ".join(fault["message"] for fault in faults[:5])
        raise RequestNotValid(shown, details=faults)
    options = translation.options
    if translation.steps:
        options["interactions"] = [step for _, step in sorted(translation.steps, key=lambda s: s[0])]
    options |= {name: value for name, value in route.fixed.items() if name not in options}
    if defaults:
        skipped = _OF_THE_DEVICE if "device" in options else ()
        for name, value in route.defaults.items():
            if name not in skipped:
                options.setdefault(name, value)
    return options, translation.sources


def _walk(
    service: Service, route: Route, translation: Translation, values: Mapping[str, Any], prefix: str
) -> Iterator[dict[str, Any]]:
    """Apply the row of each value; a detail for each fault."""
    for key, value in values.items():
        name = f"{prefix}{key}"
        if value is None:
            continue
        row = route.rows.get(name)
        if has_path(key):
            yield _dotted(service, route, name)
        elif row is not None and row.apply is not None and "[]" not in name:
            translation.current = name
            try:
                row.apply(translation, value)
            except ValueError as error:
                yield _detail(name, f"{name}: {error}")
        elif name in route.objects or (isinstance(value, dict) and service.has_below(name)):
            if isinstance(value, dict):
                yield from _walk(service, route, translation, value, f"{name}.")
            else:
                yield _detail(name, f"{name}: must be an object")
        else:
            yield _unknown(service, route, name)


def has_path(key: str) -> bool:
    """Whether a key has a dot that is not of a file's name, as Gotenberg's `header.html` is one."""
    return "." in key.removesuffix(".html")


def _dotted(service: Service, route: Route, name: str) -> dict[str, Any]:
    """What is wrong with a key that is a path: only rows name what is in an object with a dot."""
    if name not in route.rows and name not in route.objects:
        return _unknown(service, route, name)
    whole, _, part = name.rpartition(".")
    return _detail(name, f"{name}: write `{part}` in the object `{whole}`, not with a dot")


def _unknown(service: Service, route: Route, name: str) -> dict[str, Any]:
    """What is wrong with an option that the route does not have: it is of another route, or of none."""
    listed = next((row for row in service.rows() if row.name == name), None)
    if listed is not None and listed.how == "refused":
        return _detail(name, f"{name}: {listed.note}")
    if listed is not None:
        return _detail(name, f"{name}: is no option of {route.path}, but of another path of {service.title}")
    near = nearest(name, route.rows)
    hint = f"; did you mean '{near}'?" if near else "; see docs/compatibility.md"
    found = _detail(name, f"unknown option '{name[:_MAX_NAME]}' of {service.title} {route.path}{hint}")
    return found | ({"suggestion": near} if near else {}) | {"type": "unknown_option"}


def _detail(name: str, message: str) -> dict[str, Any]:
    # JSON can escape half a surrogate pair, which no response can carry.
    field, shown = (text.encode("utf-8", "replace").decode() for text in (name[:_MAX_NAME], message))
    return {"field": field, "message": shown, "type": "foreign_option"}
