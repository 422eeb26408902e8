"""Which wins, the page's `@page` rules or the request: what the request names does.

Chromium prefers the margins of `@page` to those of its command, and shrinks a page whose `@page` size is not
the paper's.
"""

from __future__ import annotations

from typing import Any

from ..page.assets import call_page_script, run_page_script
from ..page.session import PageSession
from .paper import SIDES, Paper, to_px

_SCRIPT_MS = 3_000
_JOIN = "* { break-before: auto !important; break-after: auto !important; page: auto !important }"


async def own_margins(session: PageSession) -> dict[str, float]:
    """The margins in CSS pixels that the page's `@page` rules declare in absolute units."""
    found = await _read(session)
    margins = {}
    for side in SIDES:
        try:
            margins[side] = to_px(found.get(side, ""))
        except ValueError:
            continue
    return margins


async def override(session: PageSession, paper: Paper, *, keep_size: bool) -> None:
    """Make the request's paper and margins win; `keep_size` leaves the size of the page to the page."""
    size = (await _read(session)).get("size", "")
    declarations = [f"margin-{side}: {paper.margins[side]:.4f}px !important" for side in sorted(paper.named)]
    if size and not keep_size:
        declarations.append("size: auto !important")
        session.report.warn(
            "page_size_ignored",
            f"The page's @page size '{size[:50]}' was ignored; pdf_prefer_css_page_size would use it.",
        )
    if declarations:
        await _adopt(session, f"@page {{ {'; '.join(declarations)} }}")


async def join_pages(session: PageSession) -> None:
    """Remove the page breaks and the names of pages that make a new page begin."""
    await _adopt(session, _JOIN)


async def _read(session: PageSession) -> dict[str, Any]:
    found = await run_page_script(session, "outputs/assets/page_rules.js", None, _SCRIPT_MS)
    return found if isinstance(found, dict) else {}


async def _adopt(session: PageSession, rules: str) -> None:
    adopting = call_page_script(session, "outputs/assets/adopt_rules.js", rules)
    await session.deadline.run(adopting, "shoot", _SCRIPT_MS)
