"""Values of other services as ours; each function raises ValueError with what the value must be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Convert = Callable[[Any], Any]

# Our lists hold less, and a request of a few megabytes must not take long to refuse.
MAX_ITEMS = 1_000
_MAX_DURATION = 100
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
# https://pkg.go.dev/time#ParseDuration
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:ms|h|m|s)")
_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}


def boolean(value: Any) -> bool:
    """True or false, also as a word or as 0 and 1."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("must be true or false")


def number(value: Any) -> float:
    """A number, also as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a number")
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise ValueError("must be a number") from None
    if not abs(found) < 1e12:
        raise ValueError("must be a number")
    return found


def integer(value: Any) -> int:
    """A whole number, also as text."""
    found = number(value)
    if not found.is_integer():
        raise ValueError("must be a whole number")
    return int(found)


def pixels(value: Any) -> str:
    """A number of pixels as a length."""
    return f"{number(value):g}px"


def seconds(value: Any) -> int:
    """Seconds as milliseconds."""
    try:
        found = number(value)
    except ValueError:
        raise ValueError("must be a number of seconds") from None
    if found < 0:
        raise ValueError("must be a number of seconds")
    return round(found * 1000)


def milliseconds(value: Any) -> int:
    """Milliseconds, rounded."""
    try:
        found = number(value)
    except ValueError:
        raise ValueError("must be a number of milliseconds") from None
    if found < 0:
        raise ValueError("must be a number of milliseconds")
    return round(found)


def limit(value: Any) -> int:
    """Milliseconds of a timeout; zero switches the timeout off elsewhere, and here every wait ends."""
    found = milliseconds(value)
    if found == 0:
        raise ValueError("0 would wait without end; write the milliseconds")
    return found


def duration(value: Any) -> int:
    """A duration of Go, such as `1.5s`, `500ms` or `1m30s`, as milliseconds."""
    given = str(value).strip()
    parts = _DURATION.findall(given) if len(given) <= _MAX_DURATION else []
    if given == "0":
        return 0
    if not parts or "".join(parts) != given:
        raise ValueError("must be a duration with its unit, such as 500ms or 2.5s")
    units = [(part.rstrip("hms"), part.lstrip("0123456789.")) for part in parts]
    return round(sum(float(amount) * _MS[unit] for amount, unit in units))


def inches(value: Any) -> str:
    """A length with its unit; a bare number is in inches."""
    given = str(value).strip()
    try:
        return f"{float(given):g}in"
    except ValueError:
        return given


def length(value: Any) -> str:
    """A length with its unit; a bare number is in pixels."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a length such as 10mm, or a number of pixels")
    return str(value)


def text(value: Any) -> str:
    """A text; a number is written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be a text")


def texts(value: Any) -> list[str]:
    """A list of texts; one text is a list of one."""
    found = from_json(value) if isinstance(value, str) and value.lstrip().startswith('["') else value
    if isinstance(found, str):
        return [found] if found.strip() else []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError("must be a list of texts")
    return list(few(found))


def few(items: list[Any]) -> list[Any]:
    """A list that is not too long. Raises ValueError."""
    if len(items) > MAX_ITEMS:
        raise ValueError(f"has {len(items)} entries; the limit is {MAX_ITEMS}")
    return items


def comma_texts(value: Any) -> list[str]:
    """A list of texts, or one text with commas between them."""
    return few([part.strip() for one in texts(value) for part in one.split(",") if part.strip()])


def substring(pattern: str) -> str:
    """A pattern of which any part of a URL may be, with or without stars; one star alone is every URL."""
    bare = pattern.strip("*")
    return f"*{bare}*" if "*" in bare else bare or "*"


def mapping(value: Any) -> dict[str, str]:
    """An object of texts, also as JSON."""
    found = from_json(value) if isinstance(value, str) else value
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ValueError("must be an object of texts")
    return {str(name): one for name, one in found.items()}


def from_json(value: Any) -> Any:
    """The value of a JSON text; other values as they are."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None


def choice(words: Mapping[str, Any], **refused: str) -> Convert:
    """One of some words and our value for it; `refused` says what to write instead of others."""

    def convert(value: Any) -> Any:
        word = str(value).strip().lower() if isinstance(value, str | int) else ""
        if word in words:
            return words[word]
        if word in refused:
            raise ValueError(f"{word!r} is not supported; {refused[word]}")
        raise ValueError(f"must be one of {', '.join(words)}")

    return convert


def one_of(*words: str) -> Convert:
    """One of some words, which are ours too."""
    return choice({word: word for word in words})
