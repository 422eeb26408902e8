"""Parse JSON objects and query strings into a `CaptureRequest`; one error names every fault."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterable
from typing import Any, NoReturn, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ..errors import RequestNotValid
from . import names
from .foreign import check_meaning, read_as_foreign
from .model import CaptureRequest

# The values of cookies may contain commas: the next cookie starts with its name.
_COOKIE = re.compile(r",(?= *[^\s;,=]+=)")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


# A request of a few megabytes can be wrong in a hundred thousand places.
MAX_FINDINGS = 20


def parse(value: Any, model: type[BaseModel] = CaptureRequest) -> Any:
    """Validate a JSON object, ours or another service's. Raises RequestNotValid, which names each field."""
    if not isinstance(value, dict):
        raise RequestNotValid("The request must be a JSON object of options.")
    try:
        request = validate(value, model)
    except RequestNotValid as error:
        if model is not CaptureRequest:
            raise
        return read_as_foreign(value, error, model, validate)
    return check_meaning(value, request, validate) if model is CaptureRequest else request


def validate(value: Any, model: type[BaseModel] = CaptureRequest) -> Any:
    """Validate an object of our options. Raises RequestNotValid, which names each field and how to fix it."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise translate(error) from None
    except RecursionError:
        raise RequestNotValid("The request is nested too deeply.") from None


def translate(error: ValidationError) -> RequestNotValid:
    """Convert pydantic's error to one RequestNotValid, which repeats no secret and nothing that is typed."""
    from ..steps.act import TYPED
    from .facets import secret_names
    from .wording import in_words, merged

    try:
        findings = merged(error.errors(include_url=False))
    except UnicodeEncodeError:
        # JSON can escape half a surrogate pair, and pydantic cannot report an option with one in its name.
        return RequestNotValid(
            "request: an option's name is not Unicode text.",
            details=[{"field": "request", "message": "request: an option's name is not Unicode text."}],
        )
    details = []
    for found in findings[:MAX_FINDINGS]:
        context = found.get("ctx") or {}
        field = str(context.get("field") or ".".join(str(p) for p in found["loc"]) or "request")
        option, *parts = (str(part) for part in found["loc"] or ("",))
        secret = option in secret_names() or (option == "interactions" and not TYPED.isdisjoint(parts))
        message = in_words(found, secret=secret)
        text = message if message.startswith((field, "unknown option")) else f"{field}: {message}"
        entry: dict[str, Any] = {"field": field, "message": text, "type": found["type"]}
        suggestion = context.get("suggestion")
        if found["type"] == "literal_error" and suggestion is None:
            # The words of a literal are no secrets, and neither is one that is nearly such a word.
            words = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            from ..similar import nearest

            suggestion = nearest(found["input"], words)
            entry["message"] += f"; did you mean '{suggestion}'?" if suggestion else ""
        if suggestion:
            entry["suggestion"] = suggestion
        details.append(entry)
    if len(findings) > MAX_FINDINGS:
        rest = f"{len(findings) - MAX_FINDINGS} more findings are not listed."
        details.append({"field": "request", "message": rest, "type": "truncated"})
    return RequestNotValid("; ".join(d["message"] for d in details[:5]), details=details)


def parse_pairs(pairs: Iterable[tuple[str, str]], model: type[BaseModel] = CaptureRequest) -> Any:
    """Validate the pairs of a query string. Raises RequestNotValid."""
    return parse(from_strings(pairs), model)


def from_strings(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Convert texts to JSON values by the type of their option; values that are not of that type stay texts.

    Booleans are words such as `yes`; lists are repeated, comma-separated or JSON; objects are JSON.
    Raises RequestNotValid for invalid JSON, and for an option that is given twice and is not a list.
    """
    known = names.table(CaptureRequest)
    out: dict[str, Any] = {}
    for name, text in pairs:
        field = known.get(names.snake(name))
        kind = _kind(field)
        if kind == "list":
            out.setdefault(name, []).extend(_list(name, text, field))
        elif name in out and field is not None:
            raise RequestNotValid(f"{name}: given twice.", details=[{"field": name}])
        elif name in out:
            # Other services repeat the names of lists.
            if not isinstance(out[name], list):
                out[name] = [out[name]]
            out[name].append(text)
        elif kind == "object" or (field is None and text.startswith("{")):
            out[name] = _json(name, text)
        elif kind == "bool":
            lowered = text.strip().lower()
            out[name] = True if lowered in _TRUE else False if lowered in _FALSE else text
        else:
            out[name] = text
    return out


def _list(name: str, text: str, field: str | None) -> list[Any]:
    """The items of one text: a JSON list, one JSON object, or texts between commas.

    A comma within brackets, quotes or a `/expression/` belongs to its item, and so does each comma of an
    option whose items are prose.
    """
    start = text.lstrip()
    if start.startswith("["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            # A selector may start with a bracket; the items of a JSON list start with one of these.
            if start[1:].lstrip()[:1] in ("", '"', "{"):
                _not_json(name)
            value = None
        if isinstance(value, list):
            return value
    if start.startswith("{"):
        return [_json(name, text)]
    if field is not None and _is_prose(field):
        return [text.strip()] if text.strip() else []
    parts = _COOKIE.split(text) if field == "cookies" else _split(text)
    return [part.strip() for part in parts if part.strip()]


def _split(text: str) -> list[str]:
    """The parts between commas that are in no brackets and no quotes; a `/expression/` is one part."""
    parts: list[str] = []
    start, depth, quote = 0, 0, ""
    for position, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and not depth:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return _joined(text.split(",") if quote or depth else parts)


def _joined(parts: list[str]) -> list[str]:
    """The parts, those of one `/expression/` put together again."""
    whole: list[str] = []
    is_open = False
    for part in parts:
        text = part.strip()
        if is_open:
            whole[-1] += f",{part}"
            is_open = not text.endswith("/")
        else:
            whole.append(part)
            is_open = text.startswith("/") and (len(text) == 1 or not text.endswith("/"))
    # It was no expression but a path, if its end did not come.
    return parts if is_open else whole


def _is_prose(field: str) -> bool:
    extra = CaptureRequest.model_fields[field].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("x-prose"))


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        _not_json(name)


def _not_json(name: str) -> NoReturn:
    raise RequestNotValid(f"{name}: not valid JSON.", details=[{"field": name}]) from None


def _kind(field: str | None) -> str:
    """How to convert the text of an option: bool, list, object or plain (pydantic converts numbers)."""
    if field is None:
        return "plain"
    return kind_of(CaptureRequest.model_fields[field].annotation)


def kind_of(annotation: Any) -> str:
    """The kind of a type: bool, list, object or plain; a union is a list or object if one of its types is."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        kinds = [kind_of(a) for a in get_args(annotation) if a is not type(None)]
        return next((k for k in ("list", "object") if k in kinds), kinds[0])
    if origin is list:
        return "list"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "object"
    return "bool" if annotation is bool else "plain"
