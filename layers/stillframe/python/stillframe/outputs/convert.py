"""Join, resize and re-encode images with Pillow; imported only when a capture needs it."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from ..errors import NotRenderable
from ..result import Artifact
from . import artifact, conversions, optimise, worker_process
from .verify import measure

if TYPE_CHECKING:
    from .image import ImageOptions, Resize

# Megapixels of the larger of input and result up to which a conversion stays in its thread, which takes
# about 0.3 s. A process of its own costs 50 ms. Measured on two cores; AVIF has speed 8.
_IN_THREAD = {"avif": 1.0}
_IN_THREAD_OTHERWISE = 4.0


def convert(data: bytes, options: ImageOptions, format: str, max_pixels: int) -> Artifact:
    """Resize and encode a lossless image. Raises as `convert_tiles` does."""
    if format == "png" and not options.edits_pixels():
        # Only `png_effort: small` is left to do.
        made = artifact(format, data, *(measure(data, "png") or (0, 0)))
        return dataclasses.replace(made, data=optimise.smaller(data))
    return convert_tiles([data], options, format, max_pixels)


def convert_tiles(
    tiles: list[bytes], options: ImageOptions, format: str, max_pixels: int, scale: float = 1.0
) -> Artifact:
    """Join lossless tiles from top to bottom, scale, resize and encode them.

    Raises NotRenderable if a resized image would have more than `max_pixels` or the image cannot be encoded,
    and DeadlineExceeded.
    """
    sizes = [measure(tile, "png") or (0, 0) for tile in tiles]
    width, height = max(w for w, _ in sizes), sum(h for _, h in sizes)
    size = (max(1, math.floor(width * scale)), max(1, math.floor(height * scale)))
    if options.resize:
        size = resized(*size, options.resize, max_pixels)
    arguments: dict[str, Any] = {
        "lengths": [len(tile) for tile in tiles],
        "format": format,
        "quality": options.image_quality,
        "size": None if size == (width, height) else list(size),
        "fit": options.resize.fit if options.resize else "fill",
        "position": options.resize.position if options.resize else "center",
    }
    data = tiles[0] if len(tiles) == 1 else b"".join(tiles)
    megapixels = max(width * height, size[0] * size[1]) / 1_000_000
    if megapixels <= _IN_THREAD.get(format, _IN_THREAD_OTHERWISE):
        done = conversions.encode_image(data, **arguments)
    else:
        try:
            done = worker_process.run("encode_image", data, **arguments)
        except worker_process.WorkerFailed as error:
            raise NotRenderable(f"The image could not be encoded as {format}.") from error
    if format == "png" and options.png_effort == "small":
        done = optimise.smaller(done)
    return artifact(format, done, *size)


def resized(width: int, height: int, wanted: Resize, max_pixels: int) -> tuple[int, int]:
    """The size in pixels of a resized image; a missing side keeps the aspect ratio."""
    if wanted.width is None and wanted.height is None:
        return width, height
    if wanted.width is not None and wanted.height is not None and wanted.fit != "inside":
        return wanted.width, wanted.height
    ratio = min((wanted.width or 10**9) / width, (wanted.height or 10**9) / height)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    if size[0] * size[1] > max_pixels:
        raise NotRenderable(
            f"resize: {size[0]}×{size[1]} px are over the limit of {max_pixels} pixels.",
            details=[{"field": "resize"}],
        )
    return size
