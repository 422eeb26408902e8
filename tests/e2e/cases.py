"""The table: one row per option, each with what must be in the response and in the requests of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from entries import Answer
from origins import Origins

Check = Callable[[Answer, Origins], None]
# Small windows keep the whole table quick; a row about the window names its own.
SMALL = {"window_width": 320, "window_height": 240}


@dataclass(frozen=True, slots=True)
class Case:
    """A `lonely` row does not run by direct invocation, where several artifacts are a list."""

    name: str
    options: dict[str, Any]
    check: Check
    lonely: bool = False

    def request(self, origins: Origins) -> dict[str, Any]:
        return dict(origins.fill(self.options))


TABLE: list[Case] = []


def case(name: str, *, raw: bool = False, lonely: bool = False, **options: Any) -> Callable[[Check], Check]:
    """Put a row into the table; the function under it is the check."""

    def add(check: Check) -> Check:
        assert all(c.name != name for c in TABLE), name
        TABLE.append(Case(name, options if raw else SMALL | options, check, lonely))
        return check

    return add


def page(name: str) -> str:
    return f"%main%/{name}"
