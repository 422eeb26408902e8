"""Pictures as Chromium takes them: their format, quality and background."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import RequestNotValid
from ..options import Options, option
from ..page import binary
from ..page.assets import call_page_script
from ..page.session import Limits, PageSession
from ..steps.settle import take
from . import outline
from .geometry import Box


class ScreenshotOptions(Options, group="image"):
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


def parameters(options: ScreenshotOptions, format: str, result: str) -> dict[str, Any]:
    """The parameters of Page.captureScreenshot for a picture in `format` that becomes a `result`."""
    params: dict[str, Any] = {"format": format, "fromSurface": True, "captureBeyondViewport": False}
    if format == "png":
        params["optimizeForSpeed"] = options.png_effort == "fast" or result != "png"
    else:
        params["quality"] = options.image_quality
    return params


async def hide_caret(session: PageSession) -> None:
    """Hide the text caret, if possible: a visible caret is better than no capture."""
    with contextlib.suppress(Exception):
        await call_page_script(session, "outputs/assets/hide_caret.js")


async def capture(
    session: PageSession, options: ScreenshotOptions, params: dict[str, Any], clip: Box | None, scale: float
) -> bytes:
    """The picture of a rectangle of the page, scaled; of the viewport where `clip` is None.

    Raises RequestNotValid for a background that is no colour.
    """
    if clip is not None:
        rectangle = {"x": clip.x, "y": clip.y, "width": clip.width, "height": clip.height, "scale": scale}
        params = params | {"clip": rectangle}
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


def _background(options: ScreenshotOptions) -> dict[str, int | float] | None:
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
