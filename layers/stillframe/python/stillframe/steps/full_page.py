"""Prepare a page to be taken whole: lazy content loaded, scrollers opened, pinned elements tamed."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Literal

from ..options import Options, option
from ..page.session import PageSession


class FullPageOptions(Options, group="full page"):
    full_page: bool = option(
        False,
        "Capture the whole height of the page, not only the window.",
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    scroll_page: bool | None = option(
        None,
        "Scroll through the page first so that lazy content loads; on with `full_page`.",
        aliases=("full_page_scroll",),
        shareable=True,
        linkable=True,
    )
    full_page_max_height: int | None = option(
        None,
        "Largest height of a full page in CSS pixels; a taller page is clipped with a warning.",
        aliases=("max_height",),
        ge=16,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    fixed_elements: Literal["once", "keep", "hide"] = option(
        "once",
        "Pinned elements of a full page: where they stand (`once`, `keep`), or not at all (`hide`).",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    expand_scrollers: bool = option(
        False,
        "Open the tallest inner scroll area to its full height (applications whose body does not scroll).",
        shareable=True,
        linkable=True,
    )


def scrolls(options: FullPageOptions) -> bool:
    """Whether the page is scrolled through before the capture."""
    return options.full_page if options.scroll_page is None else options.scroll_page


async def run_asset(session: PageSession, name: str, argument: Any, seconds: float) -> Any:
    """Run one of our page scripts with a time limit; its result, or None with a warning when it did not end."""
    script = files("stillframe.steps").joinpath(f"assets/{name}.js").read_text("utf-8")
    try:
        return await session.within(session.page.evaluate(script, argument), seconds, name)
    except Exception as error:
        if session.page.is_closed() or session.deadline.remaining() < 0.05:
            raise
        session.report.warn(
            f"{name}_failed", f"The page did not let the step '{name}' end: {type(error).__name__}."
        )
        return None


async def open_scrollers(session: PageSession, options: FullPageOptions) -> None:
    """Unroll the tallest inner scroller, when asked."""
    if options.expand_scrollers:
        await run_asset(session, "expand_scrollers", None, 2)


async def scroll_through(session: PageSession, max_height: float) -> None:
    """One pass from top to bottom and back, a window at a time, as far as the capture will reach (CSS pixels)."""
    seconds = max(0.05, session.deadline.share(0.3, 8_000) / 1000)
    limits = {"maxHeight": max_height, "milliseconds": seconds * 900}
    done = await run_asset(session, "scroll_through", limits, seconds)
    if isinstance(done, dict) and done.get("stopped") == "time":
        session.report.warn(
            "scroll_incomplete", "The page was not scrolled to its end in time; lazy content may be missing."
        )


def hides_fixed(options: FullPageOptions) -> bool:
    """Whether pinned elements are taken out of the picture; `once` and `keep` are what a native capture shows."""
    return options.full_page and options.fixed_elements == "hide"


async def tame_fixed(session: PageSession, options: FullPageOptions) -> None:
    """Take pinned elements out of a full page, or put them back for the next picture of the same page."""
    await run_asset(session, "hide_fixed", hides_fixed(options), 2)
