"""Sets and checks derived from the options' facets: isolation, signed links and the identity of a result."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..errors import SignatureInvalid
from ..options import facets_of
from .model import CaptureRequest

_EMPTY: tuple[Any, ...] = ("", [], {})


@cache
def not_shareable() -> frozenset[str]:
    """Options (field names) whose effect may outlive a page; a capture that sets one gets its own context."""
    return frozenset(n for n, f in facets_of(CaptureRequest).items() if not f.shareable)


@cache
def not_linkable() -> frozenset[str]:
    """Options (wire names) that a signed link may never set."""
    return frozenset(_wire(n) for n, f in facets_of(CaptureRequest).items() if f.linkable is False)


@cache
def not_identity() -> frozenset[str]:
    """Options (wire names) that change how a result is delivered, not its content."""
    return frozenset(_wire(n) for n, f in facets_of(CaptureRequest).items() if not f.identity)


@cache
def secret_names() -> frozenset[str]:
    """Options (wire names) whose values are shown to nobody."""
    fields = CaptureRequest.model_fields.items()
    return frozenset(
        _wire(name)
        for name, field in fields
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("x-secret")
    )


def of_group(group: str) -> frozenset[str]:
    """Options (field names) of one of the groups of `groups.GROUPS`."""
    fields = CaptureRequest.model_fields.items()
    return frozenset(
        name
        for name, field in fields
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra["x-group"] == group
    )


def needs_own_context(request: CaptureRequest) -> bool:
    """Whether the request carries state of its caller that other captures must not see."""
    return any(_is_set(request, name) for name in not_shareable())


def check_link_names(names: list[str]) -> None:
    """Reject names that a link may not set, even to their defaults. Raises SignatureInvalid."""
    for name in names:
        if name in not_linkable():
            raise _rejected(name, name)


def check_linkable(request: CaptureRequest) -> None:
    """Check the parsed options of a link, whatever aliases it uses. Raises SignatureInvalid."""
    for name, facets in facets_of(CaptureRequest).items():
        value = getattr(request, name)
        if facets.linkable is False and _is_set(request, name):
            raise _rejected(_wire(name), _wire(name))
        if isinstance(facets.linkable, tuple) and value not in facets.linkable:
            raise _rejected(_wire(name), f"{_wire(name)}: {value}")


def identity(request: CaptureRequest) -> dict[str, Any]:
    """The canonical options that determine the content of the result; the cache key is made of them."""
    return {k: v for k, v in request.canonical().items() if k not in not_identity()}


def _rejected(field: str, shown: str) -> SignatureInvalid:
    return SignatureInvalid(f"A signed link may not set '{shown}'.", details=[{"field": field}])


def _is_set(request: CaptureRequest, name: str) -> bool:
    value = getattr(request, name)
    return value != CaptureRequest.model_fields[name].default and value not in _EMPTY


def _wire(name: str) -> str:
    return CaptureRequest.model_fields[name].alias or name
