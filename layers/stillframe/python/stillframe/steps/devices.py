"""Playwright's device registry, packaged so that a request can be validated without Playwright."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from ..page.assets import asset_text


@cache
def devices() -> dict[str, dict[str, Any]]:
    """The options that each device sets, by its name."""
    return dict(json.loads(asset_text("steps/assets/devices.json")))


def find_device(name: str) -> dict[str, Any] | None:
    """The options of a device; case, spaces and punctuation of the name do not matter (`iphone_13`)."""
    plain = _plain(name)
    return next((d for n, d in devices().items() if _plain(n) == plain), None)


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum() or c == "+")
