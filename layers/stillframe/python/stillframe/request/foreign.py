"""Bodies on `/capture` that other services' clients send: translated, or refused with both spellings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import BaseModel

from ..errors import RequestNotValid
from .names import snake

_AMBIGUOUS_NAMES = (
    "timeout delay waitForTimeout landscape hide_selectors block_urls paper_width paperWidth paper_height"
    " paperHeight margin_top marginTop margin_right marginRight margin_bottom marginBottom margin_left"
    " marginLeft"
)
# Names that are ours, or aliases of ours, and mean something else at one of the services in `compat`.
AMBIGUOUS = frozenset(_AMBIGUOUS_NAMES.split())
# Aliases that say nothing of a service by itself: a bare number is in milliseconds, or in pixels.
_BARE = frozenset({"delay", "width", "height"})


def has_other_names(body: dict[Any, Any], model: type[BaseModel]) -> bool:
    """Whether a name of the body is none of ours in our own spelling."""
    own = _own(model)
    return any(name not in own for name in body)


@cache
def _own(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name.rstrip("_") for name in model.model_fields) | _BARE


def check_meaning(body: dict[Any, Any], request: Any, validate: Callable[[Any], Any]) -> Any:
    """The request that is meant, where a name of the body means something else elsewhere.

    Raises RequestNotValid when the body can be ours and another service's, with different meanings.
    """
    if AMBIGUOUS.isdisjoint(body) or not has_other_names(body, type(request)):
        return request
    from ..compat import recognise

    ours = {name: value for name, value in request.canonical().items() if name != "url"}
    for reading in recognise.readings(body, validate):
        if reading.request is None:
            continue
        theirs = reading.request.canonical()
        if all(theirs.get(name) == value for name, value in ours.items()):
            continue
        if recognise.is_theirs(body):
            return reading.request
        doubtful = next(str(name) for name in body if name in AMBIGUOUS)
        raise recognise.contradiction(doubtful, ours, reading)
    return request


def read_as_foreign(
    body: dict[Any, Any], error: RequestNotValid, model: type[BaseModel], validate: Callable[[Any], Any]
) -> Any:
    """The request that another service would read in a body that is none of ours.

    Raises RequestNotValid: the service's own reason where only one service knows the names, else `error`.
    """
    if not has_other_names(body, model) or not all(isinstance(name, str) for name in body):
        raise error
    from ..compat import recognise

    found = recognise.readings(body, validate)
    read = [one for one in found if one.request is not None]
    if read and all(one.request == read[0].request for one in read):
        return read[0].request
    if read:
        raise recognise.undecided(read)
    unknown = [detail for detail in error.details if detail.get("type") == "unknown_option"]
    if found and unknown and (why := found[0].error) is not None:
        title = found[0].service.title
        raise RequestNotValid(f"Read as a request of {title}: {why.message}", details=why.details)
    for detail in unknown:
        name = str(detail["field"])
        if meaning := recognise.explain(name) or recognise.explain(snake(name)):
            detail["message"] = f"{detail['message']}; {meaning}"
            error.message = str(detail["message"])
    raise error
