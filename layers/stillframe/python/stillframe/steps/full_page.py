"""Prepare a page for a full-page capture: lazy content, inner scroll areas, fixed elements."""

from __future__ import annotations

from typing import Literal

from ..options import Options, option
from ..page.assets import run_page_script
from ..page.session import PageSession


class FullPageOptions(Options, group="full page"):
    full_page: bool = option(
        False,
        "Capture the full height of the page instead of the viewport.",
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    scroll_page: bool | None = option(
        None,
        "Scroll through the page first so that lazy content loads; enabled by `full_page` and for a PDF.",
        aliases=("full_page_scroll",),
        shareable=True,
        linkable=True,
    )
    full_page_max_height: int | None = option(
        None,
        "Maximum height of a full-page capture in CSS pixels; a taller page is truncated with a warning.",
        aliases=("max_height",),
        ge=16,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    fixed_elements: Literal["once", "keep", "hide"] = option(
        "once",
        "Fixed and sticky elements of a full page: shown in their place (`once`, `keep`) or hidden (`hide`).",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    expand_scrollers: bool = option(
        False,
        "Expand the tallest inner scroll area to full height, for applications whose body does not scroll.",
        shareable=True,
        linkable=True,
    )


def scrolls_page(options: FullPageOptions) -> bool:
    """Whether the page is scrolled through before the capture."""
    return options.full_page if options.scroll_page is None else options.scroll_page


async def expand_scrollers(session: PageSession, options: FullPageOptions) -> None:
    """Expand the tallest inner scroll area if the options ask for it."""
    if options.expand_scrollers:
        await run_page_script(session, "steps/assets/expand_scrollers.js", None, 2_000)


async def scroll_through(session: PageSession, max_height: float) -> None:
    """Scroll down to `max_height` CSS pixels one viewport at a time, and back."""
    cap = max(50, session.deadline.share(0.3, 8_000))
    # The script stops itself a little earlier, so that it can report that time ran out.
    limits = {"maxHeight": max_height, "milliseconds": cap * 0.9}
    done = await run_page_script(session, "steps/assets/scroll_through.js", limits, cap)
    if isinstance(done, dict) and done.get("stopped") == "time":
        session.report.warn(
            "scroll_incomplete", "The page was not scrolled to its end in time; lazy content may be missing."
        )


def hides_fixed_elements(options: FullPageOptions) -> bool:
    """Whether fixed elements are hidden; `once` and `keep` are what Chromium shows without help."""
    return options.full_page and options.fixed_elements == "hide"


async def toggle_fixed_elements(session: PageSession, options: FullPageOptions) -> None:
    """Hide the fixed elements for this output, or show those that an earlier output has hidden."""
    await run_page_script(session, "steps/assets/hide_fixed.js", hides_fixed_elements(options), 2_000)
