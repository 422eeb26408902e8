"""Checks that several options share: sizes under the operator's limits, addresses and selectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from .options import Check
from .settings import Settings

# Playwright's selector engines that reach into its own or a framework's internals.
_PRIVATE_ENGINES = ("internal:", "_react=", "_vue=")


def fail(field: str, reason: str) -> PydanticCustomError:
    """An error that names its field first."""
    return PydanticCustomError("rule", "{field}: {reason}", {"field": field, "reason": reason})


def check_size(field: str, size: float, limit: float, unit: str) -> None:
    """Raise when `size` is over `limit`."""
    if size > limit:
        raise fail(field, f"{size:g} is over the limit of {limit:g} {unit}")


def at_most(setting: str, unit: str, measure: Callable[[Any], float] = float) -> Check:
    """A check that a value, as `measure` sees it, is at most what the setting allows."""

    def check(field: str, value: Any, settings: Settings) -> None:
        check_size(field, measure(value), getattr(settings, setting), unit)

    return check


def utf8_bytes(text: str) -> int:
    """Length of a text in UTF-8."""
    return len(text.encode("utf-8", "replace"))


def http_url(field: str, url: str, settings: Settings) -> None:
    """Only http and https with a host, judged on the parsed address and not on its text."""
    check_size(field, len(url), settings.max_url_length, "characters")
    if any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise fail(
            field, "an address holds no blanks, line breaks or control characters; percent-encode them"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise fail(field, f"not an address: {error}") from None
    if parts.scheme.lower() not in ("http", "https"):
        shown = f"the scheme {parts.scheme!r}" if parts.scheme else "an address without scheme"
        raise fail(field, f"{shown} cannot be captured; use http:// or https://")
    if not parts.hostname or port == 0:
        raise fail(field, "the address has no host")


def selector_text(field: str, selector: str, settings: Settings) -> None:
    """A selector that is not empty, not too long and uses no private engine."""
    check_size(field, len(selector), settings.max_selector_length, "characters")
    if not selector.strip():
        raise fail(field, "an empty selector matches nothing")
    if any(engine in selector.lower() for engine in _PRIVATE_ENGINES):
        raise fail(field, "this selector engine is private to the browser driver")


def selector_texts(field: str, selectors: list[str], settings: Settings) -> None:
    """`selector_text` for each of a list."""
    for selector in selectors:
        selector_text(field, selector, settings)
