"""Cookies and headers that other services write as one text."""

from __future__ import annotations

from typing import Any

from .values import texts

_TEXTS = {"domain": "domain", "path": "path", "samesite": "sameSite"}
_FLAGS = {"secure": "secure", "httponly": "httpOnly"}
# Attributes that say how long a browser keeps a cookie; a capture ends before.
_LIFETIME = ("expires", "max-age", "priority")


def cookies(value: Any) -> list[dict[str, Any]]:
    """Texts of the form `name=value; Domain=…; Path=…; Secure; HttpOnly; SameSite=…`. Raises ValueError."""
    return [_cookie(number, one) for number, one in enumerate(texts(value), 1)]


def _cookie(number: int, line: str) -> dict[str, Any]:
    pair, *attributes = line.split(";")
    name, equals, content = pair.partition("=")
    if not equals or not name.strip():
        raise ValueError(f"entry {number} does not have the form name=value; Domain=example.com; Path=/")
    cookie: dict[str, Any] = {"name": name.strip(), "value": content.strip()}
    for attribute in attributes:
        key, _, text = attribute.partition("=")
        lowered = key.strip().lower()
        if lowered in _TEXTS:
            cookie[_TEXTS[lowered]] = text.strip()
        elif lowered in _FLAGS:
            cookie[_FLAGS[lowered]] = True
        elif lowered and lowered not in _LIFETIME:
            raise ValueError(f"the attribute {key.strip()[:40]!r} of a cookie is not known")
    return cookie


def headers(value: Any, separator: str) -> dict[str, str]:
    """Texts of the form `Name: value`, or with `=` between them. Raises ValueError."""
    found = {}
    for number, one in enumerate(texts(value), 1):
        name, mark, content = one.partition(separator)
        if not mark or not name.strip():
            # The text may be a secret.
            raise ValueError(f"entry {number} does not have the form Name{separator}value")
        found[name.strip()] = content.strip()
    return found
