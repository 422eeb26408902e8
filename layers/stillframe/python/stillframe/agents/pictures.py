"""The picture of what changed, cut to where it changed and scaled into a budget of pixels."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

from ..comparison import Comparison
from .budget import LONGEST_SIDE

# Pixels around the changed part.
_MARGIN = 60


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
    part = picture.crop((left, top, right, bottom))
    scale = min(1.0, LONGEST_SIDE / max(part.size), math.sqrt(max_pixels / (part.width * part.height)))
    if scale < 1:
        size = max(1, math.floor(part.width * scale)), max(1, math.floor(part.height * scale))
        part = part.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    part.save(buffer, "WEBP", quality=85)
    return Changes(buffer.getvalue(), f"x {left} to {right} and y {top} to {bottom}, {scale:.0%} of its size")
