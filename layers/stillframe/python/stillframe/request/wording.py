"""Pydantic's findings in our words; imported for the first request that is not valid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..urls import text_without_credentials

# The longest value that is repeated.
_LONGEST = 40
_WHOLE, _NUMBER, _FLAG, _TEXT, _LIST, _OBJECT = (
    "a whole number",
    "a number",
    "true or false",
    "a text",
    "a list",
    "an object",
)
# Type of a finding → what the value must be. https://docs.pydantic.dev/latest/errors/validation_errors/
_KINDS = {
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "a whole number of fewer digits",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "a finite number",
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "string_type": _TEXT,
    "string_unicode": "Unicode text",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "greater_than": "more than {gt:.15g}",
    "greater_than_equal": "at least {ge:.15g}",
    "less_than": "less than {lt:.15g}",
    "less_than_equal": "at most {le:.15g}",
    "literal_error": "{expected}",
}
# The same for findings that say nothing more with the value.
_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "there is no such name here",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "has more than {max_length} characters",
    "too_short": "must have {min_length} or more items",
    "too_long": "has more than {max_length} items",
    "string_pattern_mismatch": "does not match the pattern {pattern}",
}


def in_words(found: Mapping[str, Any], *, secret: bool = False) -> str:
    """What is wrong with a value, without its name; the value of a secret is not repeated."""
    context = found.get("ctx") or {}
    kind = found["type"]
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map(context)
    if kind in _KINDS:
        wanted = _KINDS[kind].format_map(context).replace("False", "false").replace("True", "true")
        return f"must be {wanted}" + ("" if secret else f", not {_shown(found['input'])}")
    return str(found["msg"]).removeprefix("Value error, ")


def _shown(value: Any) -> str:
    """A value for an error, shortened and without credentials of URLs."""
    if isinstance(value, dict):
        return _OBJECT
    if isinstance(value, list | tuple):
        return _LIST
    if isinstance(value, str):
        text = text_without_credentials(value[:1000]).encode("utf-8", "replace").decode()
        return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    try:
        text = str(value)
    except ValueError:  # Python refuses to write a number of thousands of digits
        return "a number of more digits"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def merged(findings: list[Any]) -> list[Any]:
    """The findings, with one for a value that is none of several literals, where pydantic has several."""
    out: list[Any] = []
    for found in findings:
        loc = found["loc"]
        # The last part names the member of the union: `literal[False]`.
        if found["type"] == "literal_error" and loc and str(loc[-1]).startswith("literal["):
            found = found | {"loc": loc[:-1]}
            before = out[-1] if out else None
            if before is not None and (before["type"], before["loc"]) == ("literal_error", loc[:-1]):
                expected = f"{before['ctx']['expected']} or {found['ctx']['expected']}"
                out[-1] = before | {
                    "ctx": {"expected": expected.replace(" or ", ", ", expected.count(" or ") - 1)}
                }
                continue
        out.append(found)
    return out
