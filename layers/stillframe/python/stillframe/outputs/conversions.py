"""Conversions of finished captures that may take seconds: bytes in, bytes out.

`worker_process` runs these functions in this process or loads this file alone into another, without the
package: it must not import from the package, and it imports libraries inside of the functions.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image as Pillow

_CENTRES = {
    "center": (0.5, 0.5),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "top left": (0.0, 0.0),
    "top right": (1.0, 0.0),
    "bottom left": (0.0, 1.0),
    "bottom right": (1.0, 1.0),
}


def encode_image(
    data: bytes, *, format: str, quality: int, size: list[int] | None, fit: str, position: str
) -> bytes:
    """An image in `format`, resized to `size` [width, height] in pixels unless that is None."""
    picture = _opened(data)
    if size is not None:
        picture = _resized(picture, (size[0], size[1]), fit, position)
    if format == "jpeg":
        picture = picture.convert("RGB")
    saving: dict[str, Any] = {"png": {}, "avif": {"quality": quality, "speed": 8}}.get(
        format, {"quality": quality}
    )
    buffer = io.BytesIO()
    picture.save(buffer, format.upper(), **saving)
    return buffer.getvalue()


def optimise_with_oxipng(data: bytes) -> bytes:
    """A PNG with the same pixels. Levels above 2 take three times as long for one per cent."""
    import oxipng

    return bytes(oxipng.optimize_from_memory(data, level=2))


def optimise_with_pillow(data: bytes) -> bytes:
    """A PNG with the same pixels, where oxipng is not installed."""
    buffer = io.BytesIO()
    _opened(data).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def markdown(html: bytes) -> bytes:
    """HTML in UTF-8 as Markdown in UTF-8. Raises RecursionError for HTML that is nested too deeply."""
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(html.decode(), "html.parser")
    for tag in soup(["script", "style", "noscript", "template", "head", "svg", "iframe"]):
        tag.decompose()
    text: str = MarkdownConverter(heading_style="ATX", bullets="-").convert_soup(soup)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return ("\n".join(kept) + "\n").encode()


def describe_pdf(data: bytes, *, entries: dict[str, str]) -> bytes:
    """A PDF with these entries in its document information."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.add_metadata({f"/{name.capitalize()}": value for name, value in entries.items()})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _opened(data: bytes) -> Pillow.Image:
    from PIL import Image

    # The capture is within the pixel budget already; Pillow's own limit would only warn about large pages.
    Image.MAX_IMAGE_PIXELS = None
    picture: Pillow.Image = Image.open(io.BytesIO(data))
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    return picture


def _resized(picture: Pillow.Image, size: tuple[int, int], fit: str, position: str) -> Pillow.Image:
    from PIL import Image, ImageOps

    centre, lanczos = _CENTRES[position], Image.Resampling.LANCZOS
    if fit == "cover":
        return ImageOps.fit(picture, size, lanczos, centering=centre)
    if fit == "contain":
        blank = (255, 255, 255, 0) if picture.mode == "RGBA" else (255, 255, 255)
        return ImageOps.pad(picture, size, lanczos, color=blank, centering=centre)
    return picture.resize(size, lanczos)
