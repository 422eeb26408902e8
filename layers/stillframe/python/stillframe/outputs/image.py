"""PNG, JPEG, WebP and AVIF: which rectangle of the page, taken natively, checked before it is called a picture."""

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
from ..page.session import Limits, PageSession, is_timeout
from ..result import Artifact
from ..steps.full_page import FullPageOptions
from ..steps.wait import is_selector_error
from . import artifact
from .verify import measure

if TYPE_CHECKING:
    from playwright.async_api import Locator

BUDGET = Limits().max_pixels
# Chromium answers with no bytes and no error beyond these edges (device pixels).
_LONGEST = {"jpeg": 65_535, "webp": 16_383}


class Clip(Options):
    """A rectangle of the page in CSS pixels."""

    x: Annotated[float, Field(ge=0)]
    y: Annotated[float, Field(ge=0)]
    width: Annotated[float, Field(gt=0)]
    height: Annotated[float, Field(gt=0)]


class Resize(Options):
    """A size in pixels of the finished image; one side alone keeps the proportions."""

    width: Annotated[int | None, Field(ge=1, le=20_000)] = None
    height: Annotated[int | None, Field(ge=1, le=20_000)] = None
    fit: Literal["cover", "contain", "fill", "inside"] = "cover"
    position: Literal[
        "center", "top", "bottom", "left", "right", "top left", "top right", "bottom left", "bottom right"
    ] = "center"


class ImageOptions(FullPageOptions, group="image"):
    image_quality: int = option(
        90,
        "Quality of jpeg, webp and avif.",
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
        "`fast` is about twice as quick; `small` spends time on fewer bytes.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    omit_background: bool = option(
        False,
        "Leave the page's default white out: transparent png, webp or avif.",
        aliases=("transparent",),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    background_color: str | None = option(
        None,
        "Colour behind the page in place of white: `#rgb`, `#rrggbb[aa]`, `rgb()`, `hsl()` or a name.",
        aliases=("bg_color",),
        pattern=r"^(#[0-9A-Fa-f]{3,8}|[A-Za-z]+|(rgb|rgba|hsl)\([0-9.,% ]+\))$",
        max_length=64,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    clip: Clip | None = option(
        None,
        "Rectangle `{x, y, width, height}` of the page, in CSS pixels.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    resize: Resize | None = option(
        None,
        "Size `{width, height, fit, position}` of the finished image.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    selector: str | None = option(
        None,
        "Capture the first element that matches: its own box.",
        aliases=("element",),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
        check=selector_text,
    )
    padding: int = option(
        0,
        "CSS pixels of the page kept around `selector`.",
        ge=0,
        le=2_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels of the document."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shot:
    """What Chromium gave: bytes of `format`, and the size in device pixels they must have."""

    data: bytes
    format: str
    expected: tuple[int, int]
    budget: int = BUDGET


# A caret that blinks would be in one picture and not in the next.
_CARET = """(() => {
  if (!document.activeElement || document.activeElement === document.body) return;
  const style = document.createElement('style');
  style.textContent = '*{caret-color:transparent!important}';
  (document.head || document.documentElement).append(style);
})()"""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is laid out, in CSS pixels: page, window, how far it is scrolled, and how much smaller a phone shows it."""

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
        """Take the picture with one DevTools command. Raises SelectorNotFound, NotRenderable."""
        page = await _layout(session)
        wire = "png" if format == "avif" or options.resize else format
        box = await _rectangle(session, options, page)
        # A phone shows a page that is too wide for it smaller; the window and the whole page are taken as shown.
        zoom = 1.0 if options.selector or options.clip else page.zoom
        density: float = getattr(options, "pixel_density", 1.0) * zoom
        if box is not None:
            box = _fit(session, box, density, wire, options)
        params: dict[str, Any] = {"format": wire, "fromSurface": True, "captureBeyondViewport": False}
        if wire == "png":
            params["optimizeForSpeed"] = options.png_effort == "fast" or format != "png"
        else:
            params["quality"] = options.image_quality
        if box is not None:
            params["clip"] = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "scale": zoom}
        width, height = (box.width, box.height) if box else (page.view_width, page.view_height)
        data = await _capture(session, options, params)
        expected = (math.floor(width * density + 0.001), math.floor(height * density + 0.001))
        return Shot(data, wire, expected, session.limits.max_pixels)

    def encode(self, raw: Shot, options: ImageOptions, format: str) -> Artifact:
        """Check what Chromium gave and convert only what must be converted. Raises NotRenderable."""
        size = measure(raw.data, raw.format)
        if size is None or any(abs(a - b) > 1 for a, b in zip(size, raw.expected, strict=True)):
            raise NotRenderable(
                f"The browser gave no {format} of {raw.expected[0]}×{raw.expected[1]} px "
                f"({len(raw.data)} bytes, {size or 'no size'})."
            )
        if (
            format == raw.format
            and options.resize is None
            and (format != "png" or options.png_effort == "fast")
        ):
            return artifact(format, raw.data, *size)
        from . import convert

        return convert.convert(raw.data, options, format, raw.budget)


async def _layout(session: PageSession) -> Layout:
    """What the browser says of its layout; a page can say anything of `innerHeight` or `devicePixelRatio`."""
    seconds = session.deadline.timeout(5_000, "shoot") / 1000
    # One after the other in the page, in the time of one.
    work = asyncio.gather(session.cdp.send("Page.getLayoutMetrics"), _hide_caret(session))
    found, _ = await session.within(work, seconds, "shoot")
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
    """Best effort, and only where something has the focus."""
    with contextlib.suppress(Exception):
        await session.cdp.send("Runtime.evaluate", {"expression": _CARET})


async def _capture(session: PageSession, options: ImageOptions, params: dict[str, Any]) -> bytes:
    colour = _background(options)
    if colour is not None:
        await session.cdp.send("Emulation.setDefaultBackgroundColorOverride", {"color": colour})
    for last in (False, False, True):
        seconds = session.deadline.timeout(None, "shoot") / 1000
        try:
            shot = session.cdp.send("Page.captureScreenshot", params)
            answer = await session.within(shot, seconds, "shoot")
        except Exception as error:
            # Right after a load Chromium may have no frame to copy yet; asking again makes it draw one.
            if last or "Unable to capture screenshot" not in str(error):
                raise
        else:
            break
    if colour is not None:
        # What comes next of the same page has a background of its own.
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
            f"background_color: {options.background_color!r} is not a colour.",
            details=[{"field": "background_color"}],
        ) from error
    return {"r": r, "g": g, "b": b, "a": (a[0] / 255) if a else 1}


async def _rectangle(session: PageSession, options: ImageOptions, page: Layout) -> Box | None:
    """The rectangle to take, or None for the window as it stands."""
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
    # A page settled in virtual time stands still: what is not there now will not come.
    still = session.report.facts.get("settle", {}).get("mode") == "virtual"
    try:
        timeout = max(1.0, session.deadline.share(0.3, 250 if still else 2_000))
        await locator.wait_for(state="attached", timeout=timeout)
        found = await locator.evaluate(
            "el => { const b = el.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] }",
            timeout=max(1.0, session.deadline.share(0.3, 2_000)),
        )
    except Exception as error:
        if is_selector_error(error):
            raise RequestNotValid(
                f"selector: {selector!r} is not a selector.", details=[{"field": "selector"}]
            ) from error
        if not is_timeout(error):
            raise
        raise SelectorNotFound(
            f"selector: no element matches {selector!r}.", details=[{"field": "selector"}]
        ) from error
    if not all(isinstance(side, int | float) and math.isfinite(side) for side in found):
        raise NotRenderable(
            f"selector: the page gives no box of {selector!r}.", details=[{"field": "selector"}]
        )
    x, y, width, height = found[0] + page.left, found[1] + page.top, found[2], found[3]
    if width <= 0 or height <= 0:
        raise SelectorNotFound(
            f"selector: the element {selector!r} has no size.", details=[{"field": "selector"}]
        )
    # Whole pixels around the box, as a person would cut it, and nothing outside the page.
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


def _fit(session: PageSession, box: Box, density: float, wire: str, options: ImageOptions) -> Box:
    """Clip a rectangle to the pixel budget and to what the format can hold, and say so."""
    longest = _LONGEST.get(wire, 10**9) / density
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
