"""Record the page for the file that `debug` asks for."""

from __future__ import annotations

import contextlib
from typing import Any

from ..options import Options, option
from ..page import binary
from ..page.assets import call_page_script
from ..page.session import PageSession
from .act import TYPED

_MAX_CHARACTERS = 300_000
_RECORD_MS = 3_000
# Parts of options that name something and are no secret by themselves.
_NAMES = frozenset({"name", "domain", "path", "url", "origin", "sameSite", "same_site", "expires", "action"})
# Options whose text is the page or a script, which is long and shown elsewhere.
_SOURCES = frozenset({"html_content", "markdown", "archive", "custom_js", "custom_css", "init_js"})
# A shorter value would replace parts of ordinary words.
_SHORTEST = 4
_HIDDEN = "(hidden)"


class DebugOptions(Options, group="output"):
    debug: bool = option(
        False,
        "Store an HTML file next to the result that shows picture, phases, requests, console, DOM, options"
        " and verdict; also when the capture fails.",
        shareable=True,
        identity=False,
    )


async def record(session: PageSession) -> None:
    """Put the document's HTML and a picture of the window into the trace; what fails is left out."""
    trace = session.report.trace
    if trace is None or trace.dom:
        return
    with contextlib.suppress(Exception):
        look = call_page_script(session, "steps/assets/debug_page.js", _MAX_CHARACTERS)
        trace.dom = str(await session.deadline.run(look, "debug", _RECORD_MS))
    with contextlib.suppress(Exception):
        params = {"format": "jpeg", "quality": 60, "captureBeyondViewport": False}
        shot = session.cdp.send("Page.captureScreenshot", params)
        trace.window = binary.decode((await session.deadline.run(shot, "debug", _RECORD_MS))["data"])


def shown_options(options: dict[str, Any], secret: frozenset[str]) -> dict[str, Any]:
    """The canonical options of a request without the values of those that are `secret`."""
    return {name: _HIDDEN if name in secret else _without_typed(value) for name, value in options.items()}


def _without_typed(value: Any) -> Any:
    """A value without what interactions type, which may be a password."""
    if isinstance(value, list):
        return [_without_typed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _HIDDEN if name in TYPED else _without_typed(v) for name, v in value.items()}


def secret_texts(options: dict[str, Any], secret: frozenset[str]) -> list[str]:
    """The texts of secret options and of typed values, longest first, to be taken out of what is shown."""
    found: set[str] = set()
    for name, value in options.items():
        if name in secret and name not in _SOURCES:
            found |= set(_texts(value))
        elif name == "interactions":
            found |= {str(step[key]) for step in value for key in TYPED if key in step}
    return sorted((text for text in found if len(text) >= _SHORTEST), key=len, reverse=True)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for name, v in value.items() if name not in _NAMES for text in _texts(v)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if not isinstance(value, str):
        return []
    # A cookie as `name=value`, and a proxy as `http://user:password@host`.
    parts = [pair.partition("=")[2].strip() for pair in value.split(";") if "=" in pair]
    if "://" in value and "@" in value:
        parts += value.partition("://")[2].rpartition("@")[0].split(":")
    return [value, *parts]
