"""Checks that several options share: sizes, URLs and selectors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic_core import PydanticCustomError

from .options import Check
from .settings import Settings

# Selector engines of Playwright that expose its own internals or those of a framework.
# https://url.spec.whatwg.org/#forbidden-domain-code-point
_FORBIDDEN_IN_HOSTS = frozenset("#/:<>?@[\\]^|%")
_PRIVATE_ENGINES = ("internal:", "_react=", "_vue=")


def fail(field: str, reason: str) -> PydanticCustomError:
    """A validation error whose message starts with the field."""
    return PydanticCustomError("rule", "{field}: {reason}", {"field": field, "reason": reason})


def check_size(field: str, size: float, limit: float, unit: str) -> None:
    """Raise when `size` is over `limit`."""
    if size > limit:
        raise fail(field, f"{size:g} is over the limit of {limit:g} {unit}")


def _magnitude(value: Any) -> float:
    """A number; JSON may have whole numbers that no float can hold."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def at_most(setting: str, unit: str, measure: Callable[[Any], float] = _magnitude) -> Check:
    """A check that `measure(value)` is at most the limit in a setting."""

    def check(field: str, value: Any, settings: Settings) -> None:
        check_size(field, measure(value), getattr(settings, setting), unit)

    return check


def utf8_bytes(text: str) -> int:
    """The length of a text in UTF-8 bytes."""
    return len(text.encode("utf-8", "replace"))


def http_url(field: str, url: str, settings: Settings) -> None:
    """Require an http or https URL with a host; the parsed URL is checked, not its text."""
    check_size(field, len(url), settings.max_url_length, "characters")
    if any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise fail(
            field, "a URL cannot contain spaces, line breaks or control characters; percent-encode them"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise fail(field, f"not a valid URL: {error}") from None
    if parts.scheme.lower() not in ("http", "https"):
        shown = f"the scheme {parts.scheme!r}" if parts.scheme else "a URL without a scheme"
        raise fail(field, f"{shown} cannot be captured; use http:// or https://")
    if not parts.hostname or port == 0:
        raise fail(field, "the URL has no host")
    if ":" not in parts.hostname:
        _check_host_name(field, parts.hostname)


def _check_host_name(field: str, host: str) -> None:
    """Refuse a name that DNS cannot carry (RFC 1035, 2.3.4); a trailing dot and underscores are allowed."""
    # Punycode as in `egress.hosts.ascii_host`, without the import of a higher layer.
    labels = [_ascii_label(label) for label in unquote(host).removesuffix(".").split(".")]
    if not all(labels):
        raise fail(field, f"{host[:100]!r} is not a host name: a label between dots is empty")
    if any(len(label) > 63 for label in labels) or len(".".join(labels)) > 253:
        raise fail(field, "the host name is too long: at most 63 characters a label and 253 in all")
    if any(ord(c) <= 32 or ord(c) == 127 or c in _FORBIDDEN_IN_HOSTS for label in labels for c in label):
        raise fail(field, f"{host[:100]!r} has a character that a host name cannot have")


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode()


def selector_text(field: str, selector: str, settings: Settings) -> None:
    """Require a selector that is not empty, not too long and uses no private engine."""
    check_size(field, len(selector), settings.max_selector_length, "characters")
    if not selector.strip():
        raise fail(field, "an empty selector matches nothing")
    if any(engine in selector.lower() for engine in _PRIVATE_ENGINES):
        raise fail(field, "this selector engine is internal to the browser driver")


def selector_texts(field: str, selectors: list[str], settings: Settings) -> None:
    """`selector_text` for every selector of a list."""
    for selector in selectors:
        selector_text(field, selector, settings)
