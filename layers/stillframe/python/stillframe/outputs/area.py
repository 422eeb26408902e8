"""The area of the page that a picture shows, and the size of the picture."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from ..errors import NotRenderable
from ..option_checks import selector_text
from ..options import Options, option
from ..page.session import PageSession
from ..steps.full_page import FullPageOptions, Needs, Position, page_needs, scroll_to
from .geometry import Box, Layout, measure_layout
from .selected import selected_box

# The largest side in device pixels: libjpeg's JPEG_MAX_DIMENSION and libwebp's WEBP_MAX_DIMENSION.
# Beyond them Chromium 156 returns no bytes and no error: https://github.com/microsoft/playwright/issues/42717
# libavif decodes no larger side: AVIF_DEFAULT_IMAGE_DIMENSION_LIMIT.
_MAX_SIDE = {"jpeg": 65_500, "webp": 16_383, "avif": 32_768}


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


class AreaOptions(FullPageOptions, group="image"):
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


async def captured_area(
    session: PageSession, options: AreaOptions
) -> tuple[Layout, Box | None, Needs, Position]:
    """The layout, the rectangle to capture or None for the viewport, and how it has to be captured."""
    needs, position = Needs(), Position()
    if options.clip:
        page = await measure_layout(session)
        return page, _clip_box(options.clip, page), needs, position
    if options.selector:
        return await selected_box(session, options.selector, options.padding)
    if not options.full_page:
        return await measure_layout(session), None, needs, position
    position = await scroll_to(session, 0, 0)
    page = await measure_layout(session)
    box = _full_page_box(session, options, page, position)
    if box.height > page.view_height + 1:
        needs = await page_needs(session)
    return page, box, needs, position


def _clip_box(clip: Clip, page: Layout) -> Box:
    """The rectangle of the option `clip`. Raises NotRenderable outside of the page."""
    if clip.x >= page.width or clip.y >= page.height:
        raise NotRenderable(
            f"clip lies outside the page, which is {page.width}×{page.height} px.",
            details=[{"field": "clip"}],
        )
    return Box(clip.x, clip.y, clip.width, clip.height)


def _full_page_box(session: PageSession, options: AreaOptions, page: Layout, position: Position) -> Box:
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
    session: PageSession, box: Box, density: float, format: str, options: AreaOptions
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


def resized(width: int, height: int, wanted: Resize, max_pixels: int) -> tuple[int, int]:
    """The size in pixels of a resized image; a missing side keeps the aspect ratio."""
    if wanted.width is None and wanted.height is None:
        return width, height
    if wanted.width is not None and wanted.height is not None and wanted.fit != "inside":
        return wanted.width, wanted.height
    ratio = min((wanted.width or 10**9) / width, (wanted.height or 10**9) / height)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    if size[0] * size[1] > max_pixels:
        raise NotRenderable(
            f"resize: {size[0]}×{size[1]} px are over the limit of {max_pixels} pixels.",
            details=[{"field": "resize"}],
        )
    return size
