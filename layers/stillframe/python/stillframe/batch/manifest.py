"""Manifests of many captures: CSV with a header, JSON Lines, or one JSON document."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import RequestNotValid
from ..request import from_strings
from ..request.defaults import with_defaults


@dataclass(frozen=True, slots=True)
class Row:
    """One row, numbered from 1: its request, or the error that reading it raised."""

    number: int
    request: dict[str, Any]
    error: RequestNotValid | None = None


def read(lines: Iterable[str], name: str, options: dict[str, Any] | None = None) -> Iterator[Row]:
    """The rows of a manifest, with `options` as their defaults. The ending of `name` is the format.

    Raises RequestNotValid if it cannot be read or has no rows.
    """
    ending = name.lower().rsplit(".", 1)[-1]
    if ending == "csv":
        return _at_least_one(_csv(lines, options or {}), name)
    if ending in ("jsonl", "ndjson"):
        return _at_least_one(_jsonl(lines, options or {}), name)
    if ending == "json":
        try:
            value = json.loads("".join(_without_bom(lines)))
        except (ValueError, RecursionError):
            raise RequestNotValid(f"{name}: not valid JSON.") from None
        return iter(from_value(value, name, options))
    raise RequestNotValid(f"{name}: a manifest ends in .csv, .jsonl or .json.")


def from_value(value: Any, name: str, options: dict[str, Any] | None = None) -> list[Row]:
    """The rows of one request, a list of requests, or `{"requests": […], "options": {…}}`.

    Raises RequestNotValid.
    """
    shared = dict(options or {})
    if isinstance(value, dict) and "requests" in value:
        own = value.get("options") or {}
        if unknown := sorted(set(value) - {"requests", "options"}):
            raise RequestNotValid(f"{name}: unknown field '{unknown[0]}' beside requests and options.")
        if not isinstance(own, dict):
            raise RequestNotValid(f"{name}: options must be an object.")
        shared |= own
        value = value["requests"]
    values = value if isinstance(value, list) else [value]
    if not values:
        raise RequestNotValid(f"{name}: there are no requests.")
    return [_row(number, shared, each) for number, each in enumerate(values, 1)]


def cells(row: dict[Any, Any]) -> dict[str, Any]:
    """The request of a CSV row. Empty cells are left out, the others are parsed as in a query string.

    Raises RequestNotValid if the row has more cells than the header.
    """
    if None in row:
        raise RequestNotValid("The row has more cells than the header.")
    return from_strings(
        (str(name).strip(), str(text)) for name, text in row.items() if text not in ("", None)
    )


def _at_least_one(rows: Iterator[Row], name: str) -> Iterator[Row]:
    """The rows. Raises RequestNotValid after none."""
    row = None
    for row in rows:
        yield row
    if row is None:
        raise RequestNotValid(f"{name}: there are no requests.")


def _csv(lines: Iterable[str], options: dict[str, Any]) -> Iterator[Row]:
    reader = csv.DictReader(_without_bom(lines))
    try:
        _ = reader.fieldnames  # reads the header
    except csv.Error as error:
        raise RequestNotValid(f"The header is not CSV: {error}.") from None
    for number in itertools.count(1):
        try:
            yield Row(number, with_defaults(options, cells(next(reader))))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, {}, RequestNotValid(f"The row is not CSV: {error}."))
        except RequestNotValid as error:
            yield Row(number, {}, error)


def _jsonl(lines: Iterable[str], options: dict[str, Any]) -> Iterator[Row]:
    number = 0
    for line in _without_bom(lines):
        if not line.strip():
            continue
        number += 1
        try:
            yield _row(number, options, json.loads(line))
        except (ValueError, RecursionError):
            yield Row(number, {}, RequestNotValid("The line is not valid JSON."))


def _row(number: int, options: dict[str, Any], value: Any) -> Row:
    try:
        return Row(number, with_defaults(options, value))
    except RequestNotValid as error:
        return Row(number, {}, error)


def _without_bom(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the byte order mark that spreadsheets write first."""
    for index, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if index == 0 else line
