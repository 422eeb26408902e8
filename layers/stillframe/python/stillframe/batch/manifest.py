"""Manifests of many captures: CSV with a header, JSON Lines, JSON, YAML, or a list of URLs."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from ..errors import RequestNotValid
from ..request import CaptureRequest, from_strings, names
from ..request.defaults import with_defaults


@dataclass(frozen=True, slots=True)
class Row:
    """One row, numbered from 1: its request, or the error that reading it raised."""

    number: int
    request: dict[str, Any]
    error: RequestNotValid | None = None


def read(lines: Iterable[str], name: str, options: dict[str, Any] | None = None) -> Iterator[Row]:
    """The rows of a manifest, with `options` as their defaults. The ending of `name` is the format.

    Raises RequestNotValid, with the line, if it cannot be read or has no rows.
    """
    reader = _READERS.get(name.lower().rsplit(".", 1)[-1])
    if reader is None:
        raise RequestNotValid(f"{name}: a manifest ends in {', '.join(f'.{e}' for e in _READERS)}.")
    return reader(_without_bom(lines), name, options or {})


def from_value(value: Any, name: str, options: dict[str, Any] | None = None) -> list[Row]:
    """The rows of one request, a list of requests or URLs, or `{"requests": […], "options": {…}}`.

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
    if not isinstance(value, list | dict) and not (isinstance(value, str) and "://" in value):
        raise RequestNotValid(f"{name}: a request, or a list of requests or addresses, is expected.")
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


def _csv(lines: Iterable[str], name: str, options: dict[str, Any]) -> Iterator[Row]:
    return _at_least_one(_csv_rows(lines, name, options), name)


def _csv_rows(lines: Iterable[str], name: str, options: dict[str, Any]) -> Iterator[Row]:
    reader = csv.DictReader(lines)
    try:
        header = reader.fieldnames
    except csv.Error as error:
        raise RequestNotValid(f"{name}, line 1: the header is not CSV: {error}.") from None
    for column in header or ():
        _check_column(column.strip(), f"{name}, line 1")
    for number in itertools.count(1):
        try:
            yield Row(number, with_defaults(options, cells(next(reader))))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, {}, RequestNotValid(f"line {reader.line_num}: not CSV: {error}."))
        except RequestNotValid as error:
            yield Row(number, {}, RequestNotValid(f"line {reader.line_num}: {error.message}"))


def _check_column(column: str, where: str) -> None:
    """Refuse a header with a name that is no option, instead of every row of the file."""
    try:
        names.canonical({column: None} if column else {}, CaptureRequest)
    except PydanticCustomError as error:
        if error.type != "unknown_option":
            return
        other = next((mark for mark in ";\t|" if mark in column), None)
        if "://" in column:
            raise RequestNotValid(
                f"{where}: the first line must name the options, such as: url,format"
            ) from None
        if other is not None:
            raise RequestNotValid(f"{where}: separate the columns with commas, not with {other!r}") from None
        raise RequestNotValid(f"{where}: {error.message()}") from None


def _jsonl(lines: Iterable[str], name: str, options: dict[str, Any]) -> Iterator[Row]:
    return _at_least_one(_jsonl_rows(lines, options), name)


def _jsonl_rows(lines: Iterable[str], options: dict[str, Any]) -> Iterator[Row]:
    number = 0
    for position, line in enumerate(lines, 1):
        if not line.strip():
            continue
        number += 1
        try:
            yield _row(number, options, json.loads(line.rstrip()))
        except json.JSONDecodeError as error:
            yield Row(
                number, {}, RequestNotValid(f"line {position}, column {error.colno}: not JSON: {error.msg}.")
            )
        except (ValueError, RecursionError):
            yield Row(number, {}, RequestNotValid(f"line {position}: not JSON."))


def _json(lines: Iterable[str], name: str, options: dict[str, Any]) -> Iterator[Row]:
    text = "".join(lines)
    if not text.strip():
        raise RequestNotValid(f"{name}: there are no requests.")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}, column {error.colno}"
        raise RequestNotValid(f"{where}: not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):
        raise RequestNotValid(f"{name}: not JSON.") from None
    return iter(from_value(value, name, options))


def _yaml(lines: Iterable[str], name: str, options: dict[str, Any]) -> Iterator[Row]:
    try:
        import yaml
    except ImportError:
        raise RequestNotValid(f"{name}: YAML needs the extra cli: pip install 'stillframe[cli]'.") from None

    class Loader(yaml.SafeLoader):
        """Makes lists, objects and plain values only."""

    # Without dates, which JSON does not have.
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        value = Loader("".join(lines)).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise RequestNotValid(f"{name}{line}: not YAML: {error.problem}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RequestNotValid(f"{name}: not YAML: {str(error).splitlines()[0]}.") from None
    if value is None:
        raise RequestNotValid(f"{name}: there are no requests.")
    return iter(from_value(value, name, options))


def _list(lines: Iterable[str], name: str, options: dict[str, Any]) -> Iterator[Row]:
    return _at_least_one(_list_rows(lines, name, options), name)


def _list_rows(lines: Iterable[str], name: str, options: dict[str, Any]) -> Iterator[Row]:
    number = 0
    for position, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        number += 1
        if number == 1 and text[0] in "[{":
            raise RequestNotValid(
                f"{name}: this is JSON; name it .json, or .jsonl with one object in a line."
            )
        if len(text.split()) > 1 or "," in text.partition("?")[0]:
            yield Row(
                number, {}, RequestNotValid(f"line {position}: one URL in each line; options need a .csv.")
            )
        else:
            yield _row(number, options, {"url": text if "://" in text else f"https://{text}"})


_READERS: dict[str, Callable[[Iterable[str], str, dict[str, Any]], Iterator[Row]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "ndjson": _jsonl,
    "json": _json,
    "yaml": _yaml,
    "yml": _yaml,
    "txt": _list,
}
ENDINGS = tuple(_READERS)


def _row(number: int, options: dict[str, Any], value: Any) -> Row:
    try:
        if isinstance(value, str) and "://" in value:
            value = {"url": value}
        return Row(number, with_defaults(options, value))
    except RequestNotValid as error:
        return Row(number, {}, error)


def _without_bom(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the byte order mark that spreadsheets write first."""
    for index, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if index == 0 else line
