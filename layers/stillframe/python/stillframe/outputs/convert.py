"""Join, resize and re-encode images with Pillow; imported only when a capture needs it."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from ..errors import NotRenderable
from ..result import Artifact
from . import artifact, cut, optimise, worker_process
from .area import resized
from .conversions import picture
from .verify import measure

if TYPE_CHECKING:
    from .image import ImageOptions
    from .screenshot import Shot

# Megapixels of the larger of input and result up to which a conversion stays in its thread, which takes
# about 0.3 s. A process of its own costs 50 ms. Measured on two cores; AVIF has speed 8.
_IN_THREAD = {"avif": 1.0}
_IN_THREAD_OTHERWISE = 4.0


def convert(raw: Shot, options: ImageOptions, format: str) -> Artifact:
    """Encode one lossless image. Raises as `convert_tiles` does."""
    if format == "png" and not options.edits_pixels():
        # Only `png_effort: small` is left to do.
        (data,) = raw.data
        made = artifact(format, data, *(measure(data, "png") or (0, 0)))
        return dataclasses.replace(made, data=optimise.smaller(data))
    return convert_tiles(raw, options, format)


def convert_tiles(raw: Shot, options: ImageOptions, format: str) -> Artifact:
    """Join lossless tiles from top to bottom, draw marks, scale, resize, cut and encode them.

    Raises NotRenderable if a resized image would have more than its `max_pixels`, if there is no tile of the
    wanted number or the image cannot be encoded, and DeadlineExceeded.
    """
    sizes = [measure(tile, "png") or (0, 0) for tile in raw.data]
    width, height = max(w for w, _ in sizes), sum(h for _, h in sizes)
    size = (max(1, math.floor(width * raw.scale)), max(1, math.floor(height * raw.scale)))
    if options.resize:
        size = resized(*size, options.resize, raw.max_pixels)
    plan = cut.plan(size, options)
    if options.tiles and not plan.rows:
        raise NotRenderable(
            f"tiles.first: the picture has {plan.total} tiles.", details=[{"field": "tiles.first"}]
        )
    size = plan.size
    arguments: dict[str, Any] = {
        "lengths": [len(tile) for tile in raw.data],
        "format": format,
        "quality": options.image_quality,
        "size": None if size == (width, height) else list(size),
        "fit": options.resize.fit if options.resize else "fill",
        "position": options.resize.position if options.resize else "center",
        "marks": [[m.number, m.box.x, m.box.y, m.box.width, m.box.height] for m in raw.marks],
        "rows": plan.rows,
    }
    data = raw.data[0] if len(raw.data) == 1 else b"".join(raw.data)
    megapixels = max(width * height, size[0] * size[1]) / 1_000_000
    if megapixels <= _IN_THREAD.get(format, _IN_THREAD_OTHERWISE):
        done = picture.encode_image(data, **arguments)
    else:
        try:
            done = worker_process.run("encode_image", data, module=picture, **arguments)
        except worker_process.WorkerFailed as error:
            raise NotRenderable(f"The image could not be encoded as {format}.") from error

    def finished(data: bytes) -> bytes:
        return optimise.smaller(data) if format == "png" and options.png_effort == "small" else data

    if not plan.rows:
        return artifact(format, finished(done), *size)
    parts = zip(plan.rows, picture.unpacked(done), strict=True)
    whole = artifact(format, b"", *size)
    tiles = [
        dataclasses.replace(
            whole, data=finished(data), height=bottom - top, tile=_place(raw, options, plan, number)
        )
        for number, ((top, bottom), data) in enumerate(parts, plan.first)
    ]
    return dataclasses.replace(whole, tiles=tuple(tiles))


def _place(raw: Shot, options: ImageOptions, plan: cut.Plan, number: int) -> dict[str, Any]:
    """The number of a tile, the rows of the picture that it shows, and its rectangle of the page."""
    (top, bottom), area = plan.rows[number - plan.first], raw.area
    place: dict[str, Any] = {"number": number, "of": plan.total, "rows": [top, bottom]}
    resize = options.resize
    distorted = resize and resize.width and resize.height and resize.fit in ("cover", "contain")
    if area is not None and not distorted:
        pixel = area.height / plan.size[1]
        rows = (area.x, area.y + top * pixel, area.width, (bottom - top) * pixel)
        place["box"] = [round(side, 1) for side in rows]
    return place
