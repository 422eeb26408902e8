"""PNG, JPEG, WebP and AVIF: capture a rectangle of the page with Chromium, verify and convert the image."""

from __future__ import annotations

import asyncio
import contextlib
import math
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from ..errors import NotRenderable, RequestNotValid
from ..option_checks import selector_text
from ..options import Options, option
from ..page import binary
from ..page.assets import call_page_script
from ..page.session import Limits, PageSession
from ..result import Artifact
from ..steps.full_page import (
    FullPageOptions,
    Needs,
    Position,
    hides_fixed_elements,
    page_needs,
    scroll_to,
    show_pinned,
)
from ..steps.settle import take
from . import artifact, outline, tiles
from .cut import CutOptions
from .geometry import Box, Layout, clip_box, full_page_box, limit_box, measure_layout
from .selected import selected_box
from .verify import measure

# Seconds in which the page draws the frame of a picture of the window, and of one that is higher. Encoding
# takes longer, without the page.
_DRAWN, _DRAWN_WHOLE = 0.006, 0.025


class Clip(Options):
    """A rectangle of the page in CSS pixels."""

    x: Annotated[float, Field(ge=0)]
    y: Annotated[float, Field(ge=0)]
    width: Annotated[float, Field(gt=0)]
    height: Annotated[float, Field(gt=0)]


class Resize(Options):
    """The size of the final image in pixels; a single side keeps the aspect ratio."""

    width: Annotated[int | None, Field(ge=1, le=20_000)] = None
    height: Annotated[int | None, Field(ge=1, le=20_000)] = None
    fit: Literal["cover", "contain", "fill", "inside"] = "cover"
    position: Literal[
        "center", "top", "bottom", "left", "right", "top left", "top right", "bottom left", "bottom right"
    ] = "center"


class ImageOptions(FullPageOptions, CutOptions, outline.OutlineOptions, group="image"):
    image_quality: int = option(
        90,
        "Compression quality of jpeg, webp and avif.",
        aliases=("quality",),
        pixashot=True,
        ge=0,
        le=100,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    png_effort: Literal["fast", "small"] = option(
        "fast",
        "`fast` encodes about twice as fast; `small` spends time on a smaller file.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    omit_background: bool = option(
        False,
        "Transparent background instead of the default white, in png, webp and avif.",
        aliases=("transparent",),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    background_color: str | None = option(
        None,
        "Background colour instead of the default white: `#rgb`, `#rrggbb[aa]`, `rgb()`, `hsl()` or a name.",
        aliases=("bg_color",),
        pattern=r"^(#[0-9A-Fa-f]{3,8}|[A-Za-z]+|(rgb|rgba|hsl)\([0-9.,% ]+\))$",
        max_length=64,
        shareable=True,
        linkable=True,
        per_output=True,
        hints={"widget": "color"},
    )
    clip: Clip | None = option(
        None,
        "Rectangle `{x, y, width, height}` of the page to capture, in CSS pixels.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    resize: Resize | None = option(
        None,
        "Size `{width, height, fit, position}` of the final image in pixels.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    selector: str | None = option(
        None,
        "Capture only the first element that matches the selector and can be seen, whole, in the page or its"
        " frames; CSS and `>>>` enter open shadow trees.",
        aliases=("element",),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
        check=selector_text,
        brief="Only the first element that matches.",
    )
    padding: int = option(
        0,
        "CSS pixels around the element of `selector` to include.",
        ge=0,
        le=2_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )

    oversize: Literal["scale", "truncate", "error"] = option(
        "scale",
        "What happens to a capture with a side that the format cannot hold (webp 16,383"
        " px, avif 32,768 px, jpeg 65,500 px).",
        shareable=True,
        linkable=True,
        per_output=True,
    )

    def edits_pixels(self) -> bool:
        """Whether Pillow changes the pixels; the capture must be lossless then."""
        return bool(self.resize or self.max_pixels or self.tiles or self.marks)


@dataclass(frozen=True, slots=True)
class Shot:
    """The pictures from Chromium in `format`, from top to bottom, and their expected sizes in device pixels.

    `scale` remains to be applied to the picture that they form.
    """

    data: list[bytes]
    format: str
    expected: list[tuple[int, int]]
    max_pixels: int = Limits().max_pixels
    scale: float = 1.0
    # The rectangle of the page in CSS pixels, and in pixels of the joined pictures where marks are drawn.
    area: Box | None = None
    marks: list[outline.Mark] = field(default_factory=list)


class Image:
    """The four image formats."""

    async def shoot(self, session: PageSession, options: ImageOptions, format: str) -> Shot:
        """Capture in one picture, or in several where one cannot show all.

        Raises SelectorNotFound, NotRenderable, RequestNotValid.
        """
        # Sent together, because each answer is a round trip through the driver.
        (page, box, needs, position), _ = await asyncio.gather(
            _rectangle(session, options), _hide_caret(session)
        )
        captured_format = "png" if format == "avif" or options.edits_pixels() else format
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
        if len(plan) > 1:
            captured_format = "png"
        area = box or Box(page.left, page.top, page.view_width, page.view_height)
        marks = await outline.marks_in(session, options, page, area)
        # One picture is scaled by Chromium, tiles afterwards.
        zoom, rest = (zoom * scale, 1.0) if len(plan) == 1 else (zoom, scale)
        params: dict[str, Any] = {
            "format": captured_format,
            "fromSurface": True,
            "captureBeyondViewport": False,
        }
        if captured_format == "png":
            params["optimizeForSpeed"] = options.png_effort == "fast" or format != "png"
        else:
            params["quality"] = options.image_quality

        async def shutter(part: Box) -> bytes:
            clip = {} if box is None else {"clip": {**_sides(part), "scale": zoom}}
            return await _capture(session, options, params | clip)

        windows = needs.any() and len(plan) > 1
        moves = options.full_page and needs.bars and options.fixed_elements == "once" and not windows
        if session.look is not None:
            if moves or len(plan) > 1:
                await session.look.finish()
            else:
                whole = box is not None and box.height > page.view_height
                session.look.begin(_DRAWN_WHOLE if whole else _DRAWN)
        if windows:
            hidden = hides_fixed_elements(options)
            taken = await tiles.shoot_windows(session, plan, needs, shutter, pinned=not hidden)
            session.report.note("windows", len(taken))
        else:
            if moves and box is not None:
                await show_pinned(session, "down", box.y + box.height - page.view_height)
            taken = [(tile.box, await shutter(tile.box)) for tile in plan]
            if moves:
                await show_pinned(session, "keep")
        if session.look is not None:
            await session.look.finish()
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


def _sides(box: Box) -> dict[str, float]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}


def _pixels(box: Box, density: float) -> tuple[int, int]:
    return math.floor(box.width * density + 0.001), math.floor(box.height * density + 0.001)


async def _rectangle(
    session: PageSession, options: ImageOptions
) -> tuple[Layout, Box | None, Needs, Position]:
    """The layout, the rectangle to capture or None for the viewport, and how it has to be captured."""
    needs, position = Needs(), Position()
    if options.clip:
        page = await measure_layout(session)
        return page, clip_box(options, page), needs, position
    if options.selector:
        return await selected_box(session, options)
    if not options.full_page:
        return await measure_layout(session), None, needs, position
    position = await scroll_to(session, 0, 0)
    page = await measure_layout(session)
    box = full_page_box(session, options, page, position)
    if box.height > page.view_height + 1:
        needs = await page_needs(session)
    return page, box, needs, position


async def _hide_caret(session: PageSession) -> None:
    """Hide the text caret, if possible: a visible caret is better than no capture."""
    with contextlib.suppress(Exception):
        await call_page_script(session, "outputs/assets/hide_caret.js")


async def _capture(session: PageSession, options: ImageOptions, params: dict[str, Any]) -> bytes:
    colour = _background(options)
    if colour is not None:
        await session.cdp.send("Emulation.setDefaultBackgroundColorOverride", {"color": colour})
    for last in (False, False, True):
        try:
            answer = await take(session, session.cdp.send("Page.captureScreenshot", params))
        except Exception as error:
            # Seen rarely right after a load, when Chromium has no frame yet; asking again makes it draw one.
            # Others meet the error too: https://github.com/puppeteer/puppeteer/issues/8665
            if last or "Unable to capture screenshot" not in str(error):
                raise
        else:
            break
    if colour is not None:
        # The next output of this page has its own background.
        await session.cdp.send("Emulation.setDefaultBackgroundColorOverride")
    return binary.decode(answer["data"])


def _background(options: ImageOptions) -> dict[str, int | float] | None:
    if options.omit_background:
        return {"r": 0, "g": 0, "b": 0, "a": 0}
    if options.background_color is None:
        return None
    from PIL import ImageColor

    try:
        r, g, b, *a = ImageColor.getrgb(options.background_color)
    except ValueError as error:
        raise RequestNotValid(
            f"background_color: {options.background_color!r} is not a valid colour.",
            details=[{"field": "background_color"}],
        ) from error
    return {"r": r, "g": g, "b": b, "a": (a[0] / 255) if a else 1}
