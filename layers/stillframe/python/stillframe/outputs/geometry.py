"""Rectangles of a page: where it begins, how large it is, and what of it is captured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import NotRenderable
from ..page.session import PageSession
from ..steps.full_page import Position

if TYPE_CHECKING:
    from .image import ImageOptions

# The largest side in device pixels: libjpeg's JPEG_MAX_DIMENSION and libwebp's WEBP_MAX_DIMENSION.
# Beyond them Chromium 156 returns no bytes and no error: https://github.com/microsoft/playwright/issues/42717
# libavif decodes no larger side: AVIF_DEFAULT_IMAGE_DIMENSION_LIMIT.
_MAX_SIDE = {"jpeg": 65_500, "webp": 16_383, "avif": 32_768}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels; 0, 0 is the top left corner of all that can be scrolled to."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Page size, viewport size and scroll position in CSS pixels; `zoom` is the scale of a mobile page."""

    width: float
    height: float
    view_width: float
    view_height: float
    left: float
    top: float
    zoom: float


async def measure_layout(session: PageSession) -> Layout:
    """The layout as DevTools reports it: a page can replace `innerHeight` and `devicePixelRatio`."""
    found = await session.deadline.run(session.cdp.send("Page.getLayoutMetrics"), "shoot", 5_000)
    content, layout, view = found["cssContentSize"], found["cssLayoutViewport"], found["cssVisualViewport"]
    return Layout(
        content["width"],
        content["height"],
        math.ceil(view["clientWidth"]),
        math.ceil(view["clientHeight"]),
        layout["pageX"],
        layout["pageY"],
        view["scale"],
    )


def clip_box(options: ImageOptions, page: Layout) -> Box:
    """The rectangle of the option `clip`. Raises NotRenderable outside of the page."""
    c = options.clip
    if c is None or c.x >= page.width or c.y >= page.height:
        raise NotRenderable(
            f"clip lies outside the page, which is {page.width}×{page.height} px.",
            details=[{"field": "clip"}],
        )
    return Box(c.x, c.y, c.width, c.height)


def full_page_box(session: PageSession, options: ImageOptions, page: Layout, position: Position) -> Box:
    """The whole page: from where its text begins, as wide as the window or its content.

    A page in vertical writing grows sideways, so it is captured as wide as it is.
    """
    everything = max(page.width, page.view_width)
    if options.full_page_width == "content" or position.vertical:
        return Box(0, 0, everything, page.height)
    width = float(page.view_width)
    # The distance between the left edge and the beginning: 0 unless the page grows to the left.
    before = max(0.0, page.left - position.now[0])
    left = min(before, everything - width)
    if everything > width + 1 and not position.hidden:
        session.report.warn(
            "truncated_width",
            f"The page is {everything:.0f} px wide and the capture {width:.0f} px;"
            " `full_page_width: content` captures all of it.",
        )
    return Box(left, 0, width, page.height)


def limit_box(
    session: PageSession, box: Box, density: float, format: str, options: ImageOptions
) -> tuple[Box, float]:
    """The rectangle within the limits, and the scale at which it fits the largest side of the format.

    A side that the format cannot hold is scaled down or cut as the option `oversize` says. Raises
    NotRenderable for `oversize: error`.
    """
    width, height, scale = box.width, box.height, 1.0
    longest = _MAX_SIDE.get(format, 10**9) / density
    limits = session.limits
    budget = limits.max_pixels if format == "avif" else max(limits.max_pixels, limits.max_page_pixels)
    wanted = height
    if options.full_page and options.full_page_max_height:
        wanted = min(wanted, float(options.full_page_max_height))
    if max(width, wanted) > longest:
        if options.oversize == "error":
            raise NotRenderable(
                f"oversize: {format} holds {_MAX_SIDE[format]} px a side, and the capture has"
                f" {math.ceil(width * density)}×{math.ceil(wanted * density)} px.",
                details=[{"field": "oversize"}],
            )
        if options.oversize == "scale":
            scale = longest / max(width, wanted)
            session.report.warn(
                "scaled_down",
                f"{format} holds {_MAX_SIDE[format]} px a side, so the capture of {width:.0f}×{wanted:.0f} px"
                f" is scaled to {scale:.1%}.",
            )
        else:
            width = min(width, longest)
            wanted = min(wanted, float(math.floor(longest)))
    tallest = float(math.floor(budget / (width * (density * scale) ** 2)))
    wanted = min(wanted, tallest)
    if wanted < height or width < box.width:
        session.report.warn(
            "truncated", f"The capture is {width:.0f}×{wanted:.0f} px of {box.width:.0f}×{box.height:.0f} px."
        )
        session.report.note("full_height", box.height)
    return Box(box.x, box.y, width, wanted), scale
