"""Resize and re-encode with Pillow, after the page has been released; imported only when an option needs it."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow
from PIL import ImageOps

from ..errors import NotRenderable
from ..result import Artifact
from . import artifact, optimise
from .image import BUDGET

if TYPE_CHECKING:
    from .image import ImageOptions, Resize

# Pixel budgets are kept before the capture; Pillow's own bomb check would only turn big pages into warnings.
Pillow.MAX_IMAGE_PIXELS = None

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


def convert(data: bytes, options: ImageOptions, format: str, budget: int = BUDGET) -> Artifact:
    """The finished image of a lossless picture. Raises NotRenderable when it would have more than `budget` pixels."""
    if format == "png" and options.resize is None:
        # All that is left to do to it is `small`.
        made = artifact(format, data, *Pillow.open(io.BytesIO(data)).size)
        return dataclasses.replace(made, data=optimise.smaller(data))
    picture: Pillow.Image = Pillow.open(io.BytesIO(data))
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    if options.resize:
        picture = resized(picture, options.resize, budget)
    if format == "jpeg":
        picture = picture.convert("RGB")
    saving: dict[str, Any] = {"png": {}, "avif": {"quality": options.image_quality, "speed": 8}}.get(
        format, {"quality": options.image_quality}
    )
    buffer = io.BytesIO()
    picture.save(buffer, format.upper(), **saving)
    done = buffer.getvalue()
    if format == "png" and options.png_effort == "small":
        done = optimise.smaller(done)
    return artifact(format, done, *picture.size)


def resized(picture: Pillow.Image, wanted: Resize, budget: int) -> Pillow.Image:
    """The picture in the wanted size; a missing side follows the proportions."""
    width, height = wanted.width, wanted.height
    if width is None and height is None:
        return picture
    if width is None or height is None or wanted.fit == "inside":
        ratio = min(
            (width or 10**9) / picture.width,
            (height or 10**9) / picture.height,
        )
        size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
        if size[0] * size[1] > budget:
            raise NotRenderable(
                f"resize: {size[0]}×{size[1]} px are over the limit of {budget} pixels.",
                details=[{"field": "resize"}],
            )
        return picture.resize(size, Pillow.Resampling.LANCZOS)
    centre = _CENTRES[wanted.position]
    if wanted.fit == "cover":
        return ImageOps.fit(picture, (width, height), Pillow.Resampling.LANCZOS, centering=centre)
    if wanted.fit == "contain":
        blank = (255, 255, 255, 0) if picture.mode == "RGBA" else (255, 255, 255)
        return ImageOps.pad(
            picture, (width, height), Pillow.Resampling.LANCZOS, color=blank, centering=centre
        )
    return picture.resize((width, height), Pillow.Resampling.LANCZOS)
