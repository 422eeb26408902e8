"""What follows from the facets of the options: isolation, signed links, cache keys, outputs, the operator's defaults."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..errors import SignatureInvalid
from ..options import facets_of
from .model import CaptureRequest

_EMPTY: tuple[Any, ...] = ("", [], {})


@cache
def not_shareable() -> frozenset[str]:
    """Options (field names) whose effect may outlive a page: a capture that sets one gets a context of its own."""
    return frozenset(n for n, f in facets_of(CaptureRequest).items() if not f.shareable)


@cache
def not_linkable() -> frozenset[str]:
    """Options (wire names) that a signed link may never set."""
    return frozenset(_wire(n) for n, f in facets_of(CaptureRequest).items() if f.linkable is False)


@cache
def not_identity() -> frozenset[str]:
    """Options (wire names) that change how a result travels, not what it is."""
    return frozenset(_wire(n) for n, f in facets_of(CaptureRequest).items() if not f.identity)


def needs_own_context(request: CaptureRequest) -> bool:
    """Whether the request carries state of its caller that must not meet another capture."""
    return any(_is_set(request, name) for name in not_shareable())


def check_link_names(names: list[str]) -> None:
    """Refuse by name what a link may not set, even to its default. Raises SignatureInvalid."""
    for name in names:
        if name in not_linkable():
            raise _refused(name, name)


def check_linkable(request: CaptureRequest) -> None:
    """Judge the request that a link's options have become: an option has many names. Raises SignatureInvalid."""
    for name, facets in facets_of(CaptureRequest).items():
        value = getattr(request, name)
        if facets.linkable is False and _is_set(request, name):
            raise _refused(_wire(name), _wire(name))
        if isinstance(facets.linkable, tuple) and value not in facets.linkable:
            raise _refused(_wire(name), f"{_wire(name)}: {value}")


def identity(request: CaptureRequest) -> dict[str, Any]:
    """The canonical options that say which result this is."""
    return {k: v for k, v in request.canonical().items() if k not in not_identity()}


def _refused(field: str, shown: str) -> SignatureInvalid:
    return SignatureInvalid(f"A signed link may not set '{shown}'.", details=[{"field": field}])


def _is_set(request: CaptureRequest, name: str) -> bool:
    value = getattr(request, name)
    return value != CaptureRequest.model_fields[name].default and value not in _EMPTY


def _wire(name: str) -> str:
    return CaptureRequest.model_fields[name].alias or name
