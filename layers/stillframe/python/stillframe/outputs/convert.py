"""Resize and re-encode images with Pillow; imported only when an option needs it."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow
from PIL import ImageOps

from ..errors import NotRenderable
from ..result import Artifact
from . import artifact, optimise

if TYPE_CHECKING:
    from .image import ImageOptions, Resize

# The capture is within the pixel budget already; Pillow's own limit would only warn about large pages.
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


def convert(data: bytes, options: ImageOptions, format: str, max_pixels: int) -> Artifact:
    """Resize and encode a lossless image. Raises NotRenderable if it would have more than `max_pixels`."""
    if format == "png" and not options.edits_pixels():
        # Only `png_effort: small` is left to do.
        made = artifact(format, data, *Pillow.open(io.BytesIO(data)).size)
        return dataclasses.replace(made, data=optimise.smaller(data))
    picture: Pillow.Image = Pillow.open(io.BytesIO(data))
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    if options.resize:
        picture = resized(picture, options.resize, max_pixels)
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


def resized(picture: Pillow.Image, size: Resize, max_pixels: int) -> Pillow.Image:
    """The image in the size asked for; a missing side keeps the aspect ratio."""
    width, height = size.width, size.height
    if width is None and height is None:
        return picture
    if width is None or height is None or size.fit == "inside":
        ratio = min(
            (width or 10**9) / picture.width,
            (height or 10**9) / picture.height,
        )
        width, height = max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))
        if width * height > max_pixels:
            raise NotRenderable(
                f"resize: {width}×{height} px are over the limit of {max_pixels} pixels.",
                details=[{"field": "resize"}],
            )
        return picture.resize((width, height), Pillow.Resampling.LANCZOS)
    centre = _CENTRES[size.position]
    if size.fit == "cover":
        return ImageOps.fit(picture, (width, height), Pillow.Resampling.LANCZOS, centering=centre)
    if size.fit == "contain":
        blank = (255, 255, 255, 0) if picture.mode == "RGBA" else (255, 255, 255)
        return ImageOps.pad(
            picture, (width, height), Pillow.Resampling.LANCZOS, color=blank, centering=centre
        )
    return picture.resize((width, height), Pillow.Resampling.LANCZOS)
