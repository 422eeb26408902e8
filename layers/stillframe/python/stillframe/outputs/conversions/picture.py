"""Encode a picture: join its tiles, draw marks, resize, cut."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from .marks import draw_marks
from .png import joined_png, opened, size_of

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
    data: bytes,
    *,
    format: str,
    quality: int,
    size: list[int] | None,
    fit: str,
    position: str,
    lengths: list[int] | None = None,
    marks: list[list[float]] | None = None,
    rows: list[list[int]] | None = None,
) -> bytes:
    """An image in `format`, resized to `size` [width, height] in pixels unless that is None.

    data: tiles from top to bottom, whose numbers of bytes are `lengths`; None for one.
    marks: [number, left, top, width, height] of rectangles in pixels before the resizing.
    rows: [top, bottom] of the parts to cut the result into, which are returned as `unpacked` takes them.
    """
    tiles = _split(data, lengths or [len(data)])
    if format == "png" and size is None and len(tiles) > 1 and not marks and not rows:
        return joined_png(tiles)
    picture = opened(tiles[0]) if len(tiles) == 1 else _joined(tiles)
    if marks:
        shrunk = 1.0 if size is None else min(1.0, max(size[0] / picture.width, size[1] / picture.height))
        picture = draw_marks(picture, marks, 1 / shrunk)
    if size is not None:
        picture = _resized(picture, (size[0], size[1]), fit, position)
    if not rows:
        return _encoded(picture, format, quality)
    parts = [_encoded(picture.crop((0, top, picture.width, bottom)), format, quality) for top, bottom in rows]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def unpacked(data: bytes) -> list[bytes]:
    """The parts of a picture that `encode_image` has cut: each begins with its length in four bytes."""
    parts, at = list[bytes](), 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at + 4 : end])
        at = end
    return parts


def _encoded(picture: Pillow.Image, format: str, quality: int) -> bytes:
    if format == "jpeg":
        picture = picture.convert("RGB")
    saving: dict[str, Any] = {"png": {}, "avif": {"quality": quality, "speed": 8}}.get(
        format, {"quality": quality}
    )
    buffer = io.BytesIO()
    picture.save(buffer, format.upper(), **saving)
    return buffer.getvalue()


def _split(data: bytes, lengths: list[int]) -> list[bytes]:
    if len(lengths) == 1:
        return [data]
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    return [data[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _joined(tiles: list[bytes]) -> Pillow.Image:
    """One image of all tiles, which are decoded one at a time."""
    from PIL import Image

    sizes = [size_of(tile) for tile in tiles]
    whole = Image.new("RGB", (max(w for w, _ in sizes), sum(h for _, h in sizes)))
    top = 0
    for tile, (_, height) in zip(tiles, sizes, strict=True):
        picture = opened(tile)
        if picture.mode == "RGBA" and whole.mode == "RGB":
            whole = whole.convert("RGBA")
        whole.paste(picture, (0, top))
        top += height
    return whole


def _resized(picture: Pillow.Image, size: tuple[int, int], fit: str, position: str) -> Pillow.Image:
    from PIL import Image, ImageOps

    centre, lanczos = _CENTRES[position], Image.Resampling.LANCZOS
    if fit == "cover":
        return ImageOps.fit(picture, size, lanczos, centering=centre)
    if fit == "contain":
        blank = (255, 255, 255, 0) if picture.mode == "RGBA" else (255, 255, 255)
        return ImageOps.pad(picture, size, lanczos, color=blank, centering=centre)
    return picture.resize(size, lanczos)
