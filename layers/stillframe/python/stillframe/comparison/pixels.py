"""Which pixels of two pictures differ, in Pillow's channel operations."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import RequestNotValid

if TYPE_CHECKING:
    from PIL import Image as Pillow

MAX_PIXELS = 150_000_000
# Rows that are compared at once, which bounds the memory beside the two pictures.
ROWS = 1024
_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")


def opened(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> Pillow.Image:
    from PIL import Image, UnidentifiedImageError

    # Sizes are checked here, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        picture: Pillow.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
        if picture.width * picture.height > max_pixels:
            raise RequestNotValid(
                f"{name}: the picture has {picture.width}×{picture.height} px, over the limit of"
                f" {max_pixels} pixels.",
                details=[{"field": name}],
            )
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise RequestNotValid(
            f"{name}: these bytes are no complete PNG, JPEG, WebP or AVIF picture.",
            details=[{"field": name}],
        ) from error
    return picture


def flat(picture: Pillow.Image) -> Pillow.Image:
    """The picture in RGB; what is transparent becomes white."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def changed_rows(first: Pillow.Image, second: Pillow.Image, top: int, levels: int) -> Pillow.Image:
    """255 where a pixel of the rows from `top` differs, and 0 elsewhere."""
    bottom = min(first.height, top + ROWS)
    # One more row on both sides, for the neighbours of the outer ones.
    above = min(top, 1)
    area = (0, top - above, first.width, min(first.height, bottom + 1))
    one, two = flat(first.crop(area)), flat(second.crop(area))
    mask = _over(_difference(one, two), levels)
    found = mask.getbbox()
    if found is not None and levels:
        left, upper, right, lower = found
        part = (max(0, left - 1), max(0, upper - 1), min(one.width, right + 1), min(one.height, lower + 1))
        mask.paste(_beyond_edges(one.crop(part), two.crop(part), mask.crop(part), levels), part[:2])
    return mask.crop((0, above, first.width, above + bottom - top))


def _difference(one: Pillow.Image, two: Pillow.Image) -> Pillow.Image:
    """The largest difference of a channel, for each pixel."""
    from PIL import ImageChops

    red, green, blue = ImageChops.difference(one, two).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _over(picture: Pillow.Image, levels: int) -> Pillow.Image:
    return picture.point([255 if level > levels else 0 for level in range(256)])


def _beyond_edges(one: Pillow.Image, two: Pillow.Image, mask: Pillow.Image, levels: int) -> Pillow.Image:
    """The mask without pixels whose colours lie, in both directions, between those of their neighbours.

    An edge that antialiasing draws a fraction of a pixel away only gives such pixels. Those within two pixels
    of another change are a part of it.
    """
    from PIL import ImageChops

    outside = ImageChops.lighter(_outside(one, two, levels), _outside(two, one, levels))
    changed = ImageChops.darker(mask, outside)
    for _ in range(2):
        changed = _around(changed, ImageChops.lighter)
    return ImageChops.darker(mask, changed)


def _outside(one: Pillow.Image, two: Pillow.Image, levels: int) -> Pillow.Image:
    """255 where the colour of a pixel is not among those of the 3×3 pixels around it in the other picture."""
    from PIL import ImageChops

    below = ImageChops.subtract(_around(two, ImageChops.darker), one)
    over = ImageChops.subtract(one, _around(two, ImageChops.lighter))
    red, green, blue = ImageChops.lighter(below, over).split()
    return _over(ImageChops.lighter(ImageChops.lighter(red, green), blue), levels)


def _around(picture: Pillow.Image, chosen: Callable[[Any, Any], Pillow.Image]) -> Pillow.Image:
    """The darkest or lightest of the 3×3 pixels around each; rank filters are eight times slower."""
    width, height = picture.size
    for x, y in ((1, 0), (0, 1)):
        back, on = picture.copy(), picture.copy()
        back.paste(picture.crop((x, y, width, height)), (0, 0))
        on.paste(picture.crop((0, 0, width - x, height - y)), (x, y))
        picture = chosen(chosen(picture, back), on)
    return picture


def as_png(picture: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
