"""Selectors of the caller: how Playwright spells them, and which of its errors are about them."""

from __future__ import annotations

import re

# A quoted string, or Puppeteer's combinators that enter shadow trees.
_DEEP = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\s*>>>>?\s*""")


def entering_shadow_trees(selector: str) -> str:
    """The selector with `>>>` and `>>>>` as Playwright spells them; its CSS enters open shadow trees."""
    return _DEEP.sub(lambda found: found.group(1) or " >> ", selector)


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
