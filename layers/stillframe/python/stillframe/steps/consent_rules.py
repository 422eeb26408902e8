"""DuckDuckGo's autoconsent: its content script, and the rules for one document.

Both come with the package duckduckgo-autoconsent-py.
"""

from __future__ import annotations

import contextlib
import json
import re
from functools import cache
from typing import Any

# autoconsent rejects an evaluation that has no answer after a second. A second of virtual time can pass
# before an answer arrives (steps/settle), so this timer is left out; the answer always comes.
_TIMER = "this.timer = window.setTimeout("


@cache
def content_script(binding: str) -> str:
    """The script for every frame; it sends its messages as JSON to the function `binding`."""
    from duckduckgo_autoconsent import bundle

    script = bundle().replace(_TIMER, "this.timer = ((late) => 0)(")
    return (
        f"if (window.{binding}) {{ window.autoconsentSendMessage = (message) =>"
        f" {{ {binding}(JSON.stringify(message)); return Promise.resolve(); }};\n{script}\n}}"
    )


@cache
def _rules() -> tuple[
    list[dict[str, Any]], list[dict[str, Any]], list[tuple[re.Pattern[str], dict[str, Any]]]
]:
    """autoconsent's rules: for the main document, for frames, and for the URLs that match an expression."""
    from duckduckgo_autoconsent import rules_json

    main, frames, sites = [], [], []
    for rule in json.loads(rules_json()):
        where = rule.get("runContext") or {}
        if pattern := where.get("urlPattern"):
            with contextlib.suppress(re.error):
                sites.append((re.compile(pattern), rule))
            continue
        if where.get("main", True):
            main.append(rule)
        if where.get("frame", False):
            frames.append(rule)
    return main, frames, sites


def rules_for(url: str, is_main: bool) -> list[dict[str, Any]]:
    """The rules that can apply to a document, so that a frame does not parse all of them."""
    main, frames, sites = _rules()
    return (main if is_main else frames) + [rule for pattern, rule in sites if pattern.search(url[:2000])]
