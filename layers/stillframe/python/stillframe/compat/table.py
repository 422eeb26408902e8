"""Rows of a table: an option of another service, and the options of ours that it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .values import Convert, boolean

How = Literal["mapped", "in part", "no effect", "refused"]


class Refused(ValueError):
    """An option of another service whose value cannot be meant; the text says what to write instead."""


@dataclass(slots=True)
class Translation:
    """Our options so far, the foreign names that they come from, and what `finish` of the route needs."""

    options: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    # Values that mean something together with others.
    noted: dict[str, Any] = field(default_factory=dict)
    steps: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    # The foreign name whose row is applied.
    current: str = ""

    def set(self, option: str, value: Any) -> None:
        """Set an option. Raises Refused when another name has given it another value."""
        if option in self.options and self.options[option] != value:
            raise Refused(f"contradicts {self.sources[option]}; both are {option}")
        self.options[option] = value
        self.sources.setdefault(option, self.current)

    def extend(self, option: str, values: list[Any]) -> None:
        """Add to a list, each item once."""
        found = self.options.setdefault(option, [])
        found.extend(value for value in values if value not in found)
        self.sources.setdefault(option, self.current)

    def put(self, option: str, key: str, value: Any) -> None:
        """Set one entry of an object."""
        self.options.setdefault(option, {})[key] = value
        self.sources.setdefault(option, self.current)

    def join(self, option: str, text: str) -> None:
        """Add lines to a script or a style sheet."""
        if not text:
            return
        before = self.options.get(option)
        self.options[option] = f"{before}\n{text}" if before else text
        self.sources.setdefault(option, self.current)

    def at_least(self, option: str, value: int) -> None:
        """Raise a limit; the largest of several counts."""
        self.options[option] = max(value, self.options.get(option, 0))
        self.sources.setdefault(option, self.current)

    def step(self, rank: int, **step: Any) -> None:
        """Add an interaction; lower ranks come first, whatever the order of the request."""
        self.steps.append((rank, step))
        self.sources.setdefault("interactions", self.current)


Apply = Callable[[Translation, Any], None]


@dataclass(frozen=True, slots=True)
class Row:
    """An option by its path (`gotoOptions.waitUntil`), how it is understood, our options, and a sentence.

    The fields of objects in a list (`cookies[].name`) are rows of the documentation; their list applies them.
    """

    name: str
    how: How
    options: tuple[str, ...]
    note: str
    apply: Apply | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that belong together, with the sentence that introduces them in the documentation."""

    title: str
    rows: tuple[Row, ...]


def to(name: str, option: str, convert: Convert, note: str = "", how: How = "mapped") -> Row:
    """The option is ours under another name, after a conversion of its value."""
    return Row(name, how, (option,), note, lambda t, value: t.set(option, convert(value)))


def entry(name: str, option: str, key: str, convert: Convert, note: str = "") -> Row:
    """The option is one entry of an object of ours."""
    return Row(
        name, "mapped", (f"{option}.{key}",), note, lambda t, value: t.put(option, key, convert(value))
    )


def listed(name: str, option: str, convert: Convert, note: str = "", how: How = "mapped") -> Row:
    """The option adds to a list of ours."""
    return Row(name, how, (option,), note, lambda t, value: t.extend(option, convert(value)))


def lines(name: str, option: str, convert: Convert, note: str = "", how: How = "mapped") -> Row:
    """The option adds to a script or a style sheet of ours."""
    return Row(name, how, (option,), note, lambda t, value: t.join(option, convert(value)))


def item(name: str, option: str, value: str, note: str = "", how: How = "mapped") -> Row:
    """True adds an item to a list of ours, false nothing."""

    def apply(t: Translation, given: Any) -> None:
        if boolean(given):
            t.extend(option, [value])

    return Row(name, how, (option,), note or f"true adds `{value}`", apply)


def when(name: str, note: str = "", how: How = "mapped", **options: Any) -> Row:
    """True sets these options, false nothing."""

    def apply(t: Translation, given: Any) -> None:
        if boolean(given):
            for option, value in options.items():
                t.set(option, value)

    words = ", ".join(f"`{option}: {_shown(value)}`" for option, value in options.items())
    return Row(name, how, tuple(options), note or f"true is {words}", apply)


def noted(name: str, options: tuple[str, ...], convert: Convert, note: str = "", how: How = "mapped") -> Row:
    """The option means something together with others; `finish` of the route sets ours."""

    def apply(t: Translation, value: Any) -> None:
        t.noted[t.current] = convert(value)

    return Row(name, how, options, note, apply)


def applied(name: str, options: tuple[str, ...], apply: Apply, note: str = "", how: How = "mapped") -> Row:
    """The option sets ours by a function of its own."""
    return Row(name, how, options, note, apply)


def part(name: str, options: tuple[str, ...], how: How = "mapped", note: str = "") -> Row:
    """A field of the objects in a list."""
    return Row(name, how, options, note, None)


def ignored(name: str, why: str) -> Row:
    """The option changes nothing here, and the result is not worse for it."""
    return Row(name, "no effect", (), why, lambda t, value: None)


def only(name: str, convert: Convert, note: str) -> Row:
    """The option may only have the value that is so here anyway."""
    return Row(name, "in part", (), note, lambda t, value: convert(value))


def refused(name: str, instead: str) -> Row:
    """The option has no counterpart. False, an empty text and an empty list mean that it is not used."""

    def apply(t: Translation, value: Any) -> None:
        if value in (False, "", [], {}) or (isinstance(value, str) and value.lower() == "false"):
            return
        raise Refused(instead)

    return Row(name, "refused", (), instead, apply)


def refuse_all(names: str, instead: str) -> tuple[Row, ...]:
    """One refused row for each name of a text with spaces."""
    return tuple(refused(name, instead) for name in names.split())


def below(prefix: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows of a nested object."""
    return tuple(replace(row, name=f"{prefix}.{row.name}") for row in rows)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
