"""PNG, JPEG, WebP and AVIF: choose the rectangle, capture it with Chromium, verify and convert the image."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from ..errors import NotRenderable, RequestNotValid, SelectorNotFound
from ..option_checks import selector_text
from ..options import Options, option
from ..page import world
from ..page.assets import call_page_script, find_element, page_script
from ..page.session import Limits, PageSession, is_timeout
from ..result import Artifact
from ..steps.full_page import FullPageOptions
from ..steps.settle import take
from ..steps.wait import is_selector_error
from . import artifact
from .verify import measure

if TYPE_CHECKING:
    from playwright.async_api import Locator

# The largest side in device pixels: libjpeg's JPEG_MAX_DIMENSION and libwebp's WEBP_MAX_DIMENSION.
# Beyond them Chromium 156 returns no bytes and no error: https://github.com/microsoft/playwright/issues/42717
_MAX_SIDE = {"jpeg": 65_500, "webp": 16_383}


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


class ImageOptions(FullPageOptions, group="image"):
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
        "Capture only the first element that matches the selector.",
        aliases=("element",),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
        check=selector_text,
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

    def edits_pixels(self) -> bool:
        """Whether Pillow changes the pixels; the capture must be lossless then."""
        return self.resize is not None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels of the document."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shot:
    """The image from Chromium in `format`, and the size in device pixels that it must have."""

    data: bytes
    format: str
    expected: tuple[int, int]
    max_pixels: int = Limits().max_pixels


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


class Image:
    """The four image formats."""

    async def shoot(self, session: PageSession, options: ImageOptions, format: str) -> Shot:
        """Capture with one DevTools command. Raises SelectorNotFound, NotRenderable."""
        page = await _layout(session)
        captured_format = "png" if format == "avif" or options.edits_pixels() else format
        box = await _rectangle(session, options, page)
        # A mobile viewport scales down a page that is too wide; viewport and full page are captured scaled.
        zoom = 1.0 if options.selector or options.clip else page.zoom
        density: float = getattr(options, "pixel_density", 1.0) * zoom
        if box is not None:
            box = _clip_to_limits(session, box, density, captured_format, options)
        params: dict[str, Any] = {
            "format": captured_format,
            "fromSurface": True,
            "captureBeyondViewport": False,
        }
        if captured_format == "png":
            params["optimizeForSpeed"] = options.png_effort == "fast" or format != "png"
        else:
            params["quality"] = options.image_quality
        if box is not None:
            params["clip"] = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "scale": zoom}
        width, height = (box.width, box.height) if box else (page.view_width, page.view_height)
        data = await _capture(session, options, params)
        expected = (math.floor(width * density + 0.001), math.floor(height * density + 0.001))
        return Shot(data, captured_format, expected, session.limits.max_pixels)

    def encode(self, raw: Shot, options: ImageOptions, format: str) -> Artifact:
        """Verify the image and convert it only if necessary. Raises NotRenderable."""
        size = measure(raw.data, raw.format)
        if size is None or any(abs(a - b) > 1 for a, b in zip(size, raw.expected, strict=True)):
            raise NotRenderable(
                f"The browser returned no {format} of {raw.expected[0]}×{raw.expected[1]} px "
                f"({len(raw.data)} bytes, {size or 'no size'})."
            )
        if (
            format == raw.format
            and not options.edits_pixels()
            and (format != "png" or options.png_effort == "fast")
        ):
            return artifact(format, raw.data, *size)
        from . import convert

        return convert.convert(raw.data, options, format, raw.max_pixels)


async def _layout(session: PageSession) -> Layout:
    """The layout as DevTools reports it: a page can replace `innerHeight` and `devicePixelRatio`."""

    async def measure_and_hide() -> dict[str, Any]:
        # Sent together, because each answer is a round trip through the driver.
        metrics, _ = await asyncio.gather(session.cdp.send("Page.getLayoutMetrics"), _hide_caret(session))
        return dict(metrics)

    found = await session.deadline.run(measure_and_hide(), "shoot", 5_000)
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
    return base64.b64decode(answer["data"])


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


async def _rectangle(session: PageSession, options: ImageOptions, page: Layout) -> Box | None:
    """The rectangle to capture, or None for the viewport."""
    if options.selector:
        return await _element(session, options.selector, options.padding, page)
    if options.clip:
        c = options.clip
        if c.x >= page.width or c.y >= page.height:
            raise NotRenderable(
                f"clip lies outside the page, which is {page.width}×{page.height} px.",
                details=[{"field": "clip"}],
            )
        return Box(c.x, c.y, c.width, c.height)
    if options.full_page:
        return Box(0, 0, page.view_width, page.height)
    return None


async def _element(session: PageSession, selector: str, padding: int, page: Layout) -> Box:
    locator: Locator = session.page.locator(selector).first
    # The clock of a page settled in virtual time stands still, so no element will be added.
    stands_still = session.report.facts.get("settle", {}).get("mode") == "virtual"
    try:
        timeout = max(1.0, session.deadline.share(0.3, 250 if stands_still else 2_000))
        script = page_script("outputs/assets/element_box.js")
        element = await session.deadline.run(find_element(session, selector), "shoot", 3_000)
        if element is None:
            await locator.wait_for(state="attached", timeout=timeout)
            element = await session.deadline.run(find_element(session, selector), "shoot", 3_000)
        if element is not None:
            found = await session.deadline.run(world.call_on(session, element, script), "shoot", 2_000)
        else:
            found = await locator.evaluate(script, timeout=max(1.0, session.deadline.share(0.3, 2_000)))
    except Exception as error:
        if is_selector_error(error):
            raise RequestNotValid(
                f"selector: {selector!r} is not a valid selector.", details=[{"field": "selector"}]
            ) from error
        if not is_timeout(error):
            raise
        raise SelectorNotFound(
            f"selector: no element matches {selector!r}.", details=[{"field": "selector"}]
        ) from error
    if not all(isinstance(side, int | float) and math.isfinite(side) for side in found):
        raise NotRenderable(
            f"selector: the box of {selector!r} has no finite size.", details=[{"field": "selector"}]
        )
    x, y, width, height = found[0] + page.left, found[1] + page.top, found[2], found[3]
    if width <= 0 or height <= 0:
        raise SelectorNotFound(
            f"selector: the element {selector!r} has no size.", details=[{"field": "selector"}]
        )
    # Round outwards to whole pixels, and stay within the page.
    left = max(0, math.floor(x + 0.001) - padding)
    top = max(0, math.floor(y + 0.001) - padding)
    right = math.ceil(x + width - 0.001) + padding
    bottom = math.ceil(y + height - 0.001) + padding
    right = min(right, math.ceil(max(page.width, x + width)))
    bottom = min(bottom, math.ceil(max(page.height, y + height)))
    if right <= left or bottom <= top:
        raise NotRenderable(
            f"selector: the element {selector!r} lies outside the page.", details=[{"field": "selector"}]
        )
    return Box(left, top, right - left, bottom - top)


def _clip_to_limits(
    session: PageSession, box: Box, density: float, format: str, options: ImageOptions
) -> Box:
    """Clip a rectangle to the pixel limit and to the largest side of the format, with a warning."""
    longest = _MAX_SIDE.get(format, 10**9) / density
    width = min(box.width, longest)
    tallest = min(longest, session.limits.max_pixels / (width * density * density))
    if options.full_page and options.full_page_max_height:
        tallest = min(tallest, options.full_page_max_height)
    height = min(box.height, float(math.floor(tallest)))
    if height < box.height or width < box.width:
        session.report.warn(
            "truncated", f"The capture is {width:.0f}×{height:.0f} px of {box.width:.0f}×{box.height:.0f} px."
        )
        session.report.note("full_height", box.height)
    return Box(box.x, box.y, width, height)
