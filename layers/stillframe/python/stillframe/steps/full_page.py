"""Prepare a page for a full-page capture: lazy content, inner scroll areas, fixed elements, position."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from ..options import Options, option
from ..page.assets import run_page_script
from ..page.session import PageSession

# Milliseconds in which a list that grows adds its next items, in which a page makes use of an answer, and in
# which it draws what the answer brought.
_GROWTH_MS, _ANSWERED_MS, _RENDERED_MS = 600, 50, 200


class FullPageOptions(Options, group="full page"):
    full_page: bool = option(
        False,
        "Capture the full height of the page instead of the viewport.",
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
        brief="The whole page, not only the window.",
        hints={"prominent": 4},
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
        "Fixed and sticky elements of a full page: `once` shows each once, those at the lower edge of the"
        " window at the end of the page, `keep` shows them where the first window does, `hide` hides them.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    full_page_width: Literal["window", "content"] = option(
        "window",
        "Width of a full page: that of the `window`, with a warning when the page is wider, or that of its"
        " `content`.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    expand_scrollers: bool = option(
        False,
        "Expand the tallest inner scroll area also where the page itself scrolls; `full_page` expands the"
        " areas of a page that does not scroll by itself.",
        shareable=True,
        linkable=True,
    )


@dataclass(frozen=True, slots=True)
class Needs:
    """How many parts of a page are drawn or shown only near the window.

    `frames` of other sites, fixed `backdrops`, fixed background `attachments`, animations on scroll
    `timelines`, and `reveals` that hide again. `bars` are elements pinned to the lower edge of the window.
    """

    frames: int = 0
    backdrops: int = 0
    attachments: int = 0
    timelines: int = 0
    reveals: int = 0
    bars: int = 0

    def any(self) -> bool:
        return any((self.frames, self.backdrops, self.attachments, self.timelines, self.reveals))

    def depends_on_position(self) -> bool:
        """Whether a part looks different at the edge of the window than in its middle."""
        return bool(self.timelines or self.reveals)


@dataclass(frozen=True, slots=True)
class Position:
    """The window's scroll position before and now, in CSS pixels, and what the page's styles say of it.

    `arranged` tells whether pinned elements are hidden until the picture is taken.
    """

    before: tuple[float, float] = (0, 0)
    now: tuple[float, float] = (0, 0)
    vertical: bool = False
    hidden: bool = False
    arranged: bool = False


def scrolls_page(options: FullPageOptions) -> bool:
    """Whether the page is scrolled through before the capture."""
    return options.full_page if options.scroll_page is None else options.scroll_page


async def prepare_full_page(session: PageSession, options: FullPageOptions, *, expand: bool) -> int:
    """Draw what is drawn near the window only, and expand inner scroll areas that are the page; how many."""
    arguments = {"expand": expand or options.expand_scrollers, "force": options.expand_scrollers}
    done = await run_page_script(session, "steps/assets/prepare_full_page.js", arguments, 4_000)
    expanded = int(done.get("expanded", 0)) if isinstance(done, dict) else 0
    if expanded:
        before = session.report.facts.get("expanded_scrollers", 0)
        session.report.note("expanded_scrollers", before + expanded)
    return expanded


async def scroll_through(
    session: PageSession, max_height: float, *, to_beginning: bool = False, patient: bool = True
) -> None:
    """Scroll down to `max_height` CSS pixels one viewport at a time, and back, or `to_beginning`.

    A page that grows is scrolled through to its new end. Without `patient` that is waited for only where a
    request, a socket or a worker is under way, or where the page sets a timer meanwhile.
    """
    cap = max(50, session.deadline.share(0.4, 20_000))
    end, reached = time.monotonic() + cap / 1000, 0.0
    growth = _GROWTH_MS if patient or _may_still_grow(session) else 0
    while (left := 1000 * (end - time.monotonic())) > (_ANSWERED_MS if reached else 0):
        requests = session.network.requests
        # The script stops itself a little earlier, so that it can report that time ran out.
        limits = {
            "from": reached,
            "maxHeight": max_height,
            "milliseconds": left * 0.9,
            "toBeginning": to_beginning,
            "growth": growth,
        }
        done = await run_page_script(session, "steps/assets/scroll_through.js", limits, left)
        if not isinstance(done, dict):
            return
        if done.get("stopped") == "time":
            break
        reached = float(done.get("reached", reached))
        if patient or session.network.requests == requests:
            return
        # What these requests bring may make the page grow.
        await session.network_quiet(0, _ANSWERED_MS, _GROWTH_MS)
        growth = growth or _RENDERED_MS
    else:
        return  # at the end of a page that goes on to send requests
    session.report.warn(
        "scroll_incomplete", "The page was not scrolled to its end in time; lazy content may be missing."
    )


def _may_still_grow(session: PageSession) -> bool:
    """Whether something is under way that brings a page content."""
    network = session.network
    return bool(network.inflight or network.websockets or session.page.workers)


async def scroll_to(session: PageSession, x: float | None, y: float | None) -> Position:
    """Scroll the window, or stay where it is for None, and wait until a frame is drawn there."""
    # No callback would come where the page's scripts are off.
    where = {"x": x, "y": y, "wait": not session.scripts_off}
    found = await run_page_script(session, "steps/assets/scroll_position.js", where, 3_000)
    if not isinstance(found, dict):
        return Position()
    before, now = found["before"], found["now"]
    return Position((before[0], before[1]), (now[0], now[1]), bool(found["vertical"]), bool(found["hidden"]))


async def page_needs(session: PageSession) -> Needs:
    """What one picture of the whole page would lack."""
    found = await run_page_script(session, "steps/assets/page_needs.js", None, 4_000)
    if not isinstance(found, dict):
        return Needs()
    return Needs(**{name: int(found.get(name, 0)) for name in Needs.__slots__})


def hides_fixed_elements(options: FullPageOptions) -> bool:
    """Whether fixed elements are hidden."""
    return options.full_page and options.fixed_elements == "hide"


Pinned = Literal["keep", "hide", "first", "below", "last", "down"]


async def show_pinned(session: PageSession, mode: Pinned, down: float = 0) -> Any:
    """Show pinned elements as they are, hide them, or arrange them for one of several windows.

    `down` moves bars at the lower edge of the window by so many CSS pixels.
    """
    return await run_page_script(session, "steps/assets/pinned.js", [mode, down], 3_000)
