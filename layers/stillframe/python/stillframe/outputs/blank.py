"""Tell a picture that shows nothing by its pixels.

A picture of one colour is compressed to a few bytes, so only small files are decoded.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import Any

from ..page import binary
from ..page.session import PageSession
from .screenshot import Shot
from .verify import measure

# The largest files of Chromium 156 for one colour, in bytes for each pixel and beside them, and a bit more.
# Measured: 2,073,600 pixels had 34,430 bytes as PNG, 13,000 as JPEG and 4,276 as WebP.
_LARGEST = {"png": (0.019, 4_000), "jpeg": (0.007, 1_500), "webp": (0.0025, 1_500)}
# Levels of 255 by which a pixel may differ from the colour of the picture and still looks the same.
_SAME = 12
# Share of other pixels: dust, and what a page without any words may show, such as a small spinner.
_DUST, _SPARSE = 0.00002, 0.001


def of_picture(raw: Any, *, words: bool = True) -> str:
    """How the picture is blank, as a sentence; empty when it is not, or when it is no picture.

    `words`: whether the page has text that may be in the picture.
    """
    if not isinstance(raw, Shot) or not raw.data:
        return ""
    colours = set[tuple[int, ...]]()
    for data, (width, height) in zip(raw.data, raw.expected, strict=True):
        rate, constant = _LARGEST[raw.format]
        if len(data) > rate * width * height + constant:
            return ""
        colour = _one_colour(data, words=words)
        if colour is None:
            return ""
        colours.add(colour)
    if len(colours) > 1:
        return ""
    return f"The picture has one colour, {_hex(colours.pop())}."


def of_pictures(raws: list[Any], seen: dict[str, Any] | None) -> str:
    """The same of the first blank picture among several results; `seen` is what inspect_page.js returned."""
    words = seen is None or bool(seen["text"])
    return next((found for raw in raws if (found := of_picture(raw, words=words))), "")


async def of_window(session: PageSession, *, wanted: bool) -> str:
    """The same of a picture of the window, for results that are no picture.

    It is taken only when `wanted`, or when the page has no words, because it takes longer than all else that
    a verdict needs.
    """
    words = session.report.seen is None or bool(session.report.seen["text"])
    if words and not wanted:
        return ""
    params = {"format": "png", "fromSurface": True, "captureBeyondViewport": False, "optimizeForSpeed": True}
    with contextlib.suppress(Exception):
        shot = await session.deadline.run(session.cdp.send("Page.captureScreenshot", params), "check", 5_000)
        data = binary.decode(shot["data"])
        if size := measure(data, "png"):
            return await asyncio.to_thread(of_picture, Shot([data], "png", [size]), words=words)
    return ""


def _one_colour(data: bytes, *, words: bool) -> tuple[int, ...] | None:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        found = picture.convert("RGBA" if picture.mode in ("RGBA", "LA", "PA") else "RGB")
    histogram, pixels = found.histogram(), found.width * found.height
    bands = [histogram[at : at + 256] for at in range(0, len(histogram), 256)]
    colour = tuple(max(range(256), key=band.__getitem__) for band in bands)
    # What is transparent has no colour.
    first = 3 if len(colour) == 4 and colour[3] == 0 else 0
    other = max(
        pixels - sum(band[max(0, level - _SAME) : level + _SAME + 1])
        for band, level in zip(bands[first:], colour[first:], strict=True)
    )
    return colour if other <= max(4, (_DUST if words else _SPARSE) * pixels) else None


def _hex(colour: tuple[int, ...]) -> str:
    return "#" + "".join(f"{level:02x}" for level in colour)
