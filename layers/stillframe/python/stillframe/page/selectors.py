"""Read selectors: how Playwright spells those of a caller, and what a document needs for one to match."""

from __future__ import annotations

import re
from functools import lru_cache

# A quoted string, or Puppeteer's combinators that enter shadow trees.
# Patterns are compiled on first use: at import, they would be at every cold start.
_DEEP = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\s*>>>>?\s*"""

_QUOTED = r"\"[^\"]*\"|'[^']*'"
_BRACKETS = r"\[[^\]]*\]?|\([^()]*\)"
_NAME = r"[#.]((?:[\w-]|[^\x00-\x7f])+)"


def entering_shadow_trees(selector: str) -> str:
    """The selector with `>>>` and `>>>>` as Playwright spells them; its CSS enters open shadow trees."""
    return re.sub(_DEEP, lambda found: found.group(1) or " >> ", selector)


def is_selector_error(error: BaseException) -> bool:
    """Whether Playwright or the browser refused a selector as invalid."""
    text = str(error)
    return any(
        s in text
        for s in (
            "is not a valid selector",
            "Unexpected token",
            "Unknown engine",
            "parsing css selector",
            "parsing selector",
            "Malformed selector",
        )
    )


@lru_cache(maxsize=4096)
def alternatives(selector: str) -> tuple[str, ...]:
    """The selectors of a list."""
    parts, depth, quote = [""], 0, ""
    for c in selector:
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in "[(":
            depth += 1
        elif c in "])":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += c
    # A text may end inside of a bracket; a selector of a list may not.
    return tuple(part.strip() + "]" * (part.count("[") - part.count("]")) for part in parts if part.strip())


@lru_cache(maxsize=4096)
def name_in(selector: str) -> str:
    """The longest class or id that the selector cannot match without, in lower case; empty for none.

    A document in quirks mode compares them without regard to case.
    """
    bare = re.sub(_QUOTED, "", selector)
    while (shorter := re.sub(_BRACKETS, "", bare)) != bare:
        bare = shorter
    return max(re.findall(_NAME, bare) if "\\" not in bare else (), key=len, default="").lower()
