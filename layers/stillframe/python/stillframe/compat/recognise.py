"""Whose request a body on `/capture` is: it is translated only when it can be one service's alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import RequestNotValid
from . import SERVICES, service
from .service import Route, Service, has_path, translate

# Names that only requests of Puppeteer's shape have; with one of them a body is theirs beyond doubt.
_SHAPE_NAMES = (
    "viewport gotoOptions addScriptTag addStyleTag setExtraHTTPHeaders setJavaScriptEnabled"
    " rejectRequestPattern rejectResourceTypes emulateMediaType"
)
_SHAPE = frozenset(_SHAPE_NAMES.split())


@dataclass(frozen=True, slots=True)
class Reading:
    """A body as a request of one service: the request, or why it cannot be one."""

    service: Service
    route: Route
    request: Any = None
    error: RequestNotValid | None = None

    @property
    def path(self) -> str:
        return f"/compat/{self.service.name}/{self.route.path}"


def readings(body: Mapping[str, Any], validate: Callable[[dict[str, Any]], Any]) -> list[Reading]:
    """The body read as a request of each service that knows every name in it."""
    found = []
    for name in SERVICES:
        known = service(name)
        for group in known.plain:
            routes = (known.route(path) for path in group)
            route = next((r for r in routes if r is not None and _knows(r, body, "")), None)
            if route is not None:
                found.append(_read(known, route, body, validate))
    return found


def is_theirs(body: Mapping[str, Any]) -> bool:
    """Whether a name of the body has Puppeteer's shape, which no request of ours has."""
    return not _SHAPE.isdisjoint(body) or isinstance(body.get("waitForSelector"), dict)


def explain(name: str) -> str:
    """Which services have an option of this name, and where to send it; empty for none."""
    if has_path(name):
        return ""
    found = []
    for known in map(service, SERVICES):
        row = next((row for row in known.rows() if row.name == name), None)
        if row is not None and row.how == "refused":
            return f"{known.title}'s {name}: {row.note}"
        if row is not None and known.plain:
            found.append(f"{known.title} (/compat/{known.name}/)")
    return f"it is an option of {' and '.join(found)}; send the whole request there" if found else ""


def contradiction(field: str, ours: Mapping[str, Any], other: Reading) -> RequestNotValid:
    """The refusal of a body that means one thing here and another there; it names both spellings."""
    theirs = {name: value for name, value in other.request.canonical().items() if name != "url"}
    fields = type(other.request).model_fields
    secret = {name for name, field in fields.items() if (field.json_schema_extra or {}).get("x-secret")}
    here = ", ".join(_pair(n, value, secret) for n, value in ours.items() if theirs.get(n) != value)
    there = ", ".join(_pair(n, value, secret) for n, value in theirs.items() if ours.get(n) != value)
    message = (
        f"{field}: the request can be ours or one of {other.service.title}. Here it means {here}; there it"
        f" means {there or 'nothing of it'}. Write our names alone, or send it to {other.path}."
    )
    return RequestNotValid(message, details=[{"field": field, "message": message, "type": "ambiguous"}])


def _pair(name: str, value: Any, secret: set[str]) -> str:
    return f"{name} (not shown)" if name in secret else f"{name}: {value!r}"[:80]


def undecided(found: list[Reading]) -> RequestNotValid:
    """The refusal of a body that means different things to several services."""
    paths = " or ".join(reading.path for reading in found)
    message = f"request: it means different things to several services; send it to {paths}."
    return RequestNotValid(message, details=[{"field": "request", "message": message, "type": "ambiguous"}])


def _knows(route: Route, values: Mapping[str, Any], prefix: str) -> bool:
    for key, value in values.items():
        name = f"{prefix}{key}"
        row = route.rows.get(name)
        if has_path(key):
            return False
        if (row is not None and row.apply is not None) or (value is None and name in route.objects):
            continue
        if name not in route.objects or not isinstance(value, dict) or not _knows(route, value, f"{name}."):
            return False
    return True


def _read(
    known: Service, route: Route, body: Mapping[str, Any], validate: Callable[[dict[str, Any]], Any]
) -> Reading:
    try:
        options, _ = translate(known, route, body, defaults=False)
        return Reading(known, route, validate(options))
    except RequestNotValid as error:
        return Reading(known, route, error=error)
