"""The picture of what changed, cut to where it changed and scaled into a budget of pixels."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

from ..comparison import Comparison
from .budget import LONGEST_SIDE

# Pixels around the changed part.
_MARGIN = 60
# The scale below which only the beginning of the changed part is shown.
_LEGIBLE = 0.5


@dataclass(frozen=True, slots=True)
class Changes:
    """An encoded WebP picture, and the part that it shows in words."""

    data: bytes
    where: str


def changes(found: Comparison, max_pixels: int) -> Changes:
    """The changed part of a comparison in at most `max_pixels`."""
    from PIL import Image

    picture = Image.open(io.BytesIO(found.overlay()))
    boxes = found.boxes
    left = max(0, min(x for x, _, _, _ in boxes) - _MARGIN)
    top = max(0, min(y for _, y, _, _ in boxes) - _MARGIN)
    right = min(picture.width, max(x + w for x, _, w, _ in boxes) + _MARGIN)
    bottom = min(picture.height, max(y + h for _, y, _, h in boxes) + _MARGIN)
    end = bottom
    if _scale(right - left, bottom - top, max_pixels) < _LEGIBLE:
        width, scale = right - left, min(_LEGIBLE, LONGEST_SIDE / (right - left))
        end = min(bottom, top + math.floor(min(LONGEST_SIDE / scale, max_pixels / (width * scale**2))))
    part = picture.crop((left, top, right, end))
    scale = _scale(part.width, part.height, max_pixels)
    if scale < 1:
        size = max(1, math.floor(part.width * scale)), max(1, math.floor(part.height * scale))
        part = part.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    part.save(buffer, "WEBP", quality=85)
    what = "the changed part" if end == bottom else "the beginning of the changed part"
    where = f"{what}, x {left} to {right} and y {top} to {end}, at {scale:.0%} of its size"
    return Changes(buffer.getvalue(), where)


def _scale(width: int, height: int, max_pixels: int) -> float:
    return min(1.0, LONGEST_SIDE / max(width, height), math.sqrt(max_pixels / (width * height)))
