"""Pictures of a rectangle in one piece or in tiles: for size, or because the page depends on the window."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from ..page.assets import run_page_script
from ..page.session import PageSession
from ..steps.full_page import Needs, Pinned, scroll_to, show_pinned
from ..steps.settle import advance_clock
from .geometry import Box, Layout

# Takes a rectangle of the page and returns Chromium's encoded picture of it.
TakePicture = Callable[[Box], Awaitable[bytes]]

# The part of a window that is used where the page looks different at the window's edges.
_MIDDLE = 0.5
# Milliseconds of page time in which observers and scripts react to a scroll position.
_REACTION = 120.0
# Share of the remaining time that tiles may take; what is left then is captured in one piece.
_TIME_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the picture, and the scroll position at which it is taken; None for where the page is."""

    box: Box
    scroll: float | None = None


def tiles_by_size(box: Box, density: float, max_pixels: int) -> list[Tile]:
    """Strips of at most `max_pixels` device pixels, whose edges lie on whole device pixels."""
    rows = max(1, math.floor(max_pixels / (box.width * density)))
    return [Tile(strip) for strip in _strips(box, [rows] * math.ceil(box.height * density / rows), density)]


def tiles_by_window(box: Box, page: Layout, density: float, *, middle: bool) -> list[Tile]:
    """Strips as high as the window, or as its middle, each with the scroll position that shows it there."""
    window = page.view_height
    step = window * (_MIDDLE if middle else 1.0)
    above = (window - step) / 2
    # The lower edge of the first window is taken from the next one, like that of any other.
    first = max(0.0, window - above - box.y)
    rows: list[int] = []
    if first:
        rows.append(max(1, math.floor(first * density)))
    rows += [max(1, math.floor(step * density))] * (math.ceil(box.height / step) + 1)
    last = max(0.0, page.height - window)
    found = []
    for strip in _strips(box, rows, density):
        top = 0.0 if strip.y + strip.height <= window else min(max(0.0, strip.y - above), last)
        found.append(Tile(strip, top))
    return found


def _strips(box: Box, rows: list[int], density: float) -> Iterator[Box]:
    """The rectangle from top to bottom in strips of so many rows of device pixels."""
    done = 0
    total = box.height * density
    for count in rows:
        if done >= total - 0.001:
            return
        height = min(count, total - done)
        yield Box(box.x, box.y + done / density, box.width, height / density)
        done += count


async def shoot_windows(
    session: PageSession, tiles: list[Tile], needs: Needs, take: TakePicture, *, pinned: bool
) -> list[tuple[Box, bytes]]:
    """Take each tile at its scroll position; elements `pinned` to the window are shown in one window only.

    When time runs short, the rest is taken in one piece, with a warning.
    """
    taken: list[tuple[Box, bytes]] = []
    keep = session.deadline.remaining() * (1 - _TIME_SHARE)
    mode = ""
    for index, tile in enumerate(tiles):
        wanted = _mode(tile, tiles)
        if pinned and wanted != mode:
            await show_pinned(session, wanted)
            mode = wanted
        if session.deadline.remaining() < keep:
            rest = _joined([t.box for t in tiles[index:]])
            await scroll_to(session, 0, 0)
            session.report.warn(
                "windows_incomplete",
                f"The page below {tile.box.y:.0f} px was captured in one piece, because time was short;"
                " parts that are drawn only near the window may be missing.",
            )
            taken.append((rest, await take(rest)))
            break
        await scroll_to(session, 0, tile.scroll)
        if needs.depends_on_position():
            await advance_clock(session, _REACTION)
            await run_page_script(session, "steps/assets/finish_animations.js", None, 1_000)
        if needs.frames:
            await _frames_drawn(session)
        taken.append((tile.box, await take(tile.box)))
    if pinned:
        await show_pinned(session, "keep")
    return taken


def _mode(tile: Tile, tiles: list[Tile]) -> Pinned:
    if tile.scroll == 0 and len(tiles) > 1:
        return "first"
    return "last" if tile is tiles[-1] else "below"


def _joined(boxes: list[Box]) -> Box:
    first, last = boxes[0], boxes[-1]
    return Box(first.x, first.y, first.width, last.y + last.height - first.y)


async def _frames_drawn(session: PageSession) -> None:
    """Wait until frames in other processes have drawn what came into view."""
    drawn = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

    async def one(frame: object) -> None:
        async with asyncio.timeout(0.3):
            await frame.evaluate(drawn)  # type: ignore[attr-defined]

    frames = [f for f in session.page.frames[1:51] if not f.is_detached()]
    await asyncio.gather(*(one(f) for f in frames), return_exceptions=True)
