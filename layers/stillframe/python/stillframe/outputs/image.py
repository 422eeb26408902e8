"""PNG, JPEG, WebP and AVIF: capture an area of the page in one picture or several, verify and convert it."""

from __future__ import annotations

import asyncio
import math

from ..errors import NotRenderable
from ..page.session import PageSession
from ..result import Artifact
from ..steps.full_page import FullPageOptions, Needs, hides_fixed_elements, scroll_to, show_pinned
from . import artifact, outline, screenshot, tiles
from .area import AreaOptions, captured_area, limit_box
from .cut import CutOptions
from .geometry import Box, Layout
from .screenshot import ScreenshotOptions, Shot
from .verify import measure

# Seconds in which the page draws the frame of a picture of the window, and of one that is higher. Encoding
# takes longer, without the page.
_DRAWN, _DRAWN_WHOLE = 0.006, 0.025


# Pydantic lists the options of the last base first.
class ImageOptions(
    AreaOptions, ScreenshotOptions, FullPageOptions, CutOptions, outline.OutlineOptions, group="image"
):
    def edits_pixels(self) -> bool:
        """Whether Pillow changes the pixels; the capture must be lossless then."""
        return bool(self.resize or self.max_pixels or self.tiles or self.marks)


class Image:
    """The four image formats."""

    async def shoot(self, session: PageSession, options: ImageOptions, format: str) -> Shot:
        """Capture in one picture, or in several where one cannot show all.

        Raises SelectorNotFound, NotRenderable, RequestNotValid.
        """
        # Sent together, because each answer is a round trip through the driver.
        (page, box, needs, position), _ = await asyncio.gather(
            captured_area(session, options), screenshot.hide_caret(session)
        )
        # A mobile viewport scales down a page that is too wide; viewport and full page are captured scaled.
        zoom = 1.0 if options.selector or options.clip else page.zoom
        density: float = getattr(options, "pixel_density", 1.0) * zoom
        scale, plan = 1.0, [tiles.Tile(Box(0, 0, page.view_width, page.view_height))]
        if box is not None:
            box, scale = limit_box(session, box, density, format, options)
            plan = [tiles.Tile(box)]
            if needs.any():
                plan = tiles.tiles_by_window(box, page, density, middle=needs.depends_on_position())
            elif box.width * box.height * (density * scale) ** 2 > session.limits.max_pixels:
                plan = tiles.tiles_by_size(box, density, session.limits.max_pixels // 2)
        lossless = format == "avif" or options.edits_pixels() or len(plan) > 1
        captured_format = "png" if lossless else format
        area = box or Box(page.left, page.top, page.view_width, page.view_height)
        marks = await outline.marks_in(session, options, page, area)
        # One picture is scaled by Chromium, tiles afterwards.
        zoom, rest = (zoom * scale, 1.0) if len(plan) == 1 else (zoom, scale)
        params = screenshot.parameters(options, captured_format, format)

        async def take(part: Box) -> bytes:
            clip = None if box is None else part
            return await screenshot.capture(session, options, params, clip, zoom)

        taken = await _take_all(session, options, page, box, plan, needs, take)
        if position.arranged:
            await show_pinned(session, "keep")
        if position.now != position.before:
            # The next output of this page may be a viewport.
            await scroll_to(session, *position.before)
        density *= scale if len(plan) == 1 else 1.0
        sizes = [_pixels(part, density) for part, _ in taken]
        pictures = [data for _, data in taken]
        drawn = [mark.at(area, density) for mark in marks]
        return Shot(pictures, captured_format, sizes, session.limits.max_pixels, rest, area, drawn)

    def encode(self, raw: Shot, options: ImageOptions, format: str) -> Artifact:
        """Verify the image and convert it only if necessary. Raises NotRenderable."""
        for data, expected in zip(raw.data, raw.expected, strict=True):
            size = measure(data, raw.format)
            if size is None or any(abs(a - b) > 1 for a, b in zip(size, expected, strict=True)):
                raise NotRenderable(
                    f"The browser returned no {format} of {expected[0]}×{expected[1]} px "
                    f"({len(data)} bytes, {size or 'no size'})."
                )
        from . import convert

        if len(raw.data) > 1:
            return convert.convert_tiles(raw, options, format)
        (data,) = raw.data
        if (
            format == raw.format
            and not options.edits_pixels()
            and (format != "png" or options.png_effort == "fast")
        ):
            return artifact(format, data, *(measure(data, raw.format) or (0, 0)))
        return convert.convert(raw, options, format)


async def _take_all(
    session: PageSession,
    options: ImageOptions,
    page: Layout,
    box: Box | None,
    plan: list[tiles.Tile],
    needs: Needs,
    take: tiles.TakePicture,
) -> list[tuple[Box, bytes]]:
    """The picture of each tile. The page is inspected before them, or while the only one is encoded."""
    by_window = needs.any() and len(plan) > 1
    moves_bars = options.full_page and needs.bars and options.fixed_elements == "once" and not by_window
    if session.look is not None:
        if moves_bars or len(plan) > 1:
            await session.look.finish()
        else:
            whole = box is not None and box.height > page.view_height
            session.look.begin(_DRAWN_WHOLE if whole else _DRAWN)
    if by_window:
        hidden = hides_fixed_elements(options)
        taken = await tiles.shoot_windows(session, plan, needs, take, pinned=not hidden)
        session.report.note("windows", len(taken))
    else:
        if moves_bars and box is not None:
            await show_pinned(session, "down", box.y + box.height - page.view_height)
        taken = [(tile.box, await take(tile.box)) for tile in plan]
        if moves_bars:
            await show_pinned(session, "keep")
    if session.look is not None:
        await session.look.finish()
    return taken


def _pixels(box: Box, density: float) -> tuple[int, int]:
    return math.floor(box.width * density + 0.001), math.floor(box.height * density + 0.001)
