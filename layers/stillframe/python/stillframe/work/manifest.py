"""Manifests of many captures: CSV with a header, JSON Lines, or one JSON document."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import RequestNotValid
from ..request import from_strings
from .merge import merged


@dataclass(frozen=True, slots=True)
class Row:
    """One row, counted from 1; its request, or why there is none."""

    number: int
    request: dict[str, Any]
    error: RequestNotValid | None = None


def read(lines: Iterable[str], name: str, options: dict[str, Any] | None = None) -> Iterator[Row]:
    """The rows of a manifest, by the ending of its name, with `options` under each. Raises RequestNotValid."""
    ending = name.lower().rsplit(".", 1)[-1]
    if ending == "csv":
        return _csv(lines, options or {})
    if ending in ("jsonl", "ndjson"):
        return _jsonl(lines, options or {})
    if ending == "json":
        try:
            return iter(from_value(json.loads("".join(lines)), name, options))
        except (ValueError, RecursionError):
            raise RequestNotValid(f"{name}: not valid JSON.") from None
    raise RequestNotValid(f"{name}: a manifest ends in .csv, .jsonl or .json.")


def from_value(value: Any, name: str, options: dict[str, Any] | None = None) -> list[Row]:
    """The rows of a request, a list of requests, or `{"requests": […], "options": {…}}`. Raises RequestNotValid."""
    shared = dict(options or {})
    if isinstance(value, dict) and "requests" in value:
        shared |= value.get("options") or {}
        value = value["requests"]
    values = value if isinstance(value, list) else [value]
    if not values:
        raise RequestNotValid(f"{name}: there are no requests.")
    return [_row(number, shared, each) for number, each in enumerate(values, 1)]


def cells(row: dict[Any, Any]) -> dict[str, Any]:
    """The request of a CSV row: empty cells say nothing, the others are read as in a query string.

    Raises RequestNotValid for a row with more cells than the header.
    """
    if None in row:
        raise RequestNotValid("The row has more cells than the header.")
    return from_strings(
        (str(name).strip(), str(text)) for name, text in row.items() if text not in ("", None)
    )


def _csv(lines: Iterable[str], options: dict[str, Any]) -> Iterator[Row]:
    for number, row in enumerate(csv.DictReader(_without_mark(lines)), 1):
        try:
            yield Row(number, merged(options, cells(row)))
        except RequestNotValid as error:
            yield Row(number, {}, error)


def _jsonl(lines: Iterable[str], options: dict[str, Any]) -> Iterator[Row]:
    number = 0
    for line in _without_mark(lines):
        if not line.strip():
            continue
        number += 1
        try:
            yield _row(number, options, json.loads(line))
        except (ValueError, RecursionError):
            yield Row(number, {}, RequestNotValid("The line is not valid JSON."))


def _row(number: int, options: dict[str, Any], value: Any) -> Row:
    try:
        return Row(number, merged(options, value))
    except RequestNotValid as error:
        return Row(number, {}, error)


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    """Spreadsheets put a byte order mark before the first name."""
    for index, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if index == 0 else line
