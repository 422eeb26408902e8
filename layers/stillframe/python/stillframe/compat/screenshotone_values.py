"""Values of ScreenshotOne's options that no other service has."""

from __future__ import annotations

from typing import Any

from .set_cookie import headers
from .table import Refused, Translation
from .values import boolean, integer, substring, texts

FORMATS = {
    "png": "png",
    "jpeg": "jpeg",
    "jpg": "jpeg",
    "webp": "webp",
    "avif": "avif",
    "html": "html",
    "pdf": "pdf",
    "markdown": "markdown",
}
NO_FORMAT = dict.fromkeys(("gif", "jp2", "tiff", "heif"), "use png, jpeg, webp or avif")
_KIND_NAMES = (
    "document stylesheet image media font script texttrack xhr fetch eventsource websocket manifest other"
)
_KINDS = tuple(_KIND_NAMES.split())


def only_true(instead: str) -> Any:
    """A converter that accepts true; `instead` tells what to do without the other value."""

    def convert(value: Any) -> bool:
        if not boolean(value):
            raise Refused(instead)
        return True

    return convert


def only_value(expected: str, instead: str) -> Any:
    """A converter that accepts one value, in any case."""

    def convert(value: Any) -> str:
        if str(value).lower() != expected:
            raise Refused(instead)
        return expected

    return convert


def custom_headers(t: Translation, value: Any) -> None:
    """`Name:value`, one or a list of them."""
    for name, content in headers(value, ":").items():
        t.put("custom_headers", name, content)


def adjust_top(value: Any) -> int:
    """0, which changes nothing."""
    if integer(value) != 0:
        raise Refused("only 0; use `interactions` with `action: scroll` and `y` at /capture")
    return 0


def wildcards(value: Any) -> list[str]:
    """Patterns with `*` match any part of the URL; ours match the whole."""
    return [substring(one) for one in texts(value) if one.strip()]


def kinds(value: Any) -> list[str]:
    """Its resource types, which have the same names here."""
    found = texts(value)
    for one in found:
        if one not in _KINDS:
            raise ValueError(f"{one[:40]!r} is not one of {', '.join(_KINDS)}")
    return found
