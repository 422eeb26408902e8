"""Conversions of pictures and PDFs that may take seconds: bytes in, bytes out.

`worker_process` loads this file alone into another process, without the package: it must not import from the
package, and it imports libraries inside of the functions.
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
        return _joined_png(tiles)
    picture = _opened(tiles[0]) if len(tiles) == 1 else _joined(tiles)
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

    sizes = [_size(tile) for tile in tiles]
    whole = Image.new("RGB", (max(w for w, _ in sizes), sum(h for _, h in sizes)))
    top = 0
    for tile, (_, height) in zip(tiles, sizes, strict=True):
        picture = _opened(tile)
        if picture.mode == "RGBA" and whole.mode == "RGB":
            whole = whole.convert("RGBA")
        whole.paste(picture, (0, top))
        top += height
    return whole


def _joined_png(tiles: list[bytes]) -> bytes:
    """One PNG of all tiles, in the memory of one of them: rows are filtered and compressed as they come.

    The filter is Up (PNG specification, 9.2): each byte less the byte above it.
    """
    import struct
    import zlib

    from PIL import Image, ImageChops

    sizes = [_size(tile) for tile in tiles]
    width, height = max(w for w, _ in sizes), sum(h for _, h in sizes)
    mode = "RGBA" if any(_opened(tile).mode == "RGBA" for tile in tiles) else "RGB"
    packer = zlib.compressobj(level=2)
    packed = []
    above = Image.new(mode, (width, 1), 0)
    for tile in tiles:
        picture = _opened(tile).convert(mode)
        shifted = Image.new(mode, (width, picture.height), 0)
        shifted.paste(picture, (0, 1))
        shifted.paste(above, (0, 0))
        above = picture.crop((0, picture.height - 1, width, picture.height))
        rows = memoryview(_difference(picture, shifted, ImageChops))
        stride = len(rows) // picture.height
        filtered = b"".join(
            part for y in range(picture.height) for part in (b"\x02", rows[y * stride : (y + 1) * stride])
        )
        packed.append(packer.compress(filtered))
    packed.append(packer.flush())

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6 if mode == "RGBA" else 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *(chunk(b"IDAT", part) for part in packed if part),
            chunk(b"IEND", b""),
        )
    )


def _difference(picture: Pillow.Image, above: Pillow.Image, chops: Any) -> bytes:
    """Bytes of the picture less those above them, modulo 256."""
    from PIL import Image

    # ImageChops works on the bands of RGBA alike, but not on RGBA itself in every version of Pillow.
    bands = [chops.subtract_modulo(a, b) for a, b in zip(picture.split(), above.split(), strict=True)]
    return Image.merge(picture.mode, bands).tobytes()


def _size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG, from its header."""
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def optimise_with_oxipng(data: bytes) -> bytes:
    """A PNG with the same pixels. Levels above 2 take three times as long for one per cent."""
    import oxipng

    return bytes(oxipng.optimize_from_memory(data, level=2))


def optimise_with_pillow(data: bytes) -> bytes:
    """A PNG with the same pixels, where oxipng is not installed."""
    buffer = io.BytesIO()
    _opened(data).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


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


# Strong colours on which white digits are legible (contrast above 4.5 to 1).
_COLOURS = ("#c2185b", "#1558c0", "#a84300", "#0b6e4f", "#6a1fb5", "#5d4037")


# Left, top, right and bottom in pixels.
Rectangle = tuple[float, float, float, float]


def draw_marks(picture: Pillow.Image, marks: list[list[float]], unit: float) -> Pillow.Image:
    """The picture with a frame around each rectangle and its number beside it.

    unit: how many of its pixels become one of the finished picture.
    """
    from PIL import ImageDraw, ImageFont

    picture = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")
    draw = ImageDraw.Draw(picture)
    line, font = max(1, round(1.5 * unit)), ImageFont.load_default(size=max(9.0, 11 * unit))
    boxes = [(x, y, x + width, y + height) for _, x, y, width, height in marks]
    taken: list[Rectangle] = []
    for number, x, y, width, height in marks:
        colour = _COLOURS[int(number) % len(_COLOURS)]
        draw.rectangle((x, y, max(x, x + width - 1), max(y, y + height - 1)), outline=colour, width=line)
        left, top, right, bottom = draw.textbbox((0, 0), str(int(number)), font=font)
        wide, high = right - left + 4 * unit, bottom - top + 3 * unit
        label = _free_place((x, y, width, height), (wide, high), picture.size, taken, boxes)
        taken.append(label)
        draw.rectangle(label, fill=colour)
        draw.text((label[0] + 2 * unit - left, label[1] + 1.5 * unit - top), str(int(number)), "white", font)
    return picture


def _free_place(
    box: tuple[float, float, float, float],
    size: tuple[float, float],
    within: tuple[int, int],
    taken: list[Rectangle],
    others: list[Rectangle],
) -> Rectangle:
    """The place beside or in a box where a label covers the least of other labels and boxes."""
    (x, y, width, height), (wide, high) = box, size
    corners = [
        (x, y - high),
        (x - wide, y),
        (x + width, y),
        (x + width - wide, y - high),
        (x, y + height),
        (x + width - wide, y + height),
        (x, y),
        (x + width - wide, y + height - high),
    ]

    def covered(place: Rectangle, other: Rectangle) -> float:
        across = min(place[2], other[2]) - max(place[0], other[0])
        down = min(place[3], other[3]) - max(place[1], other[1])
        return across * down if across > 0 and down > 0 else 0.0

    def cost(place: Rectangle) -> float:
        labels = sum(covered(place, label) for label in taken)
        return 5 * labels + sum(covered(place, other) for other in others)

    places = []
    for corner in corners:
        left = min(max(0.0, corner[0]), max(0.0, within[0] - wide))
        top = min(max(0.0, corner[1]), max(0.0, within[1] - high))
        places.append((left, top, left + wide, top + high))
    return min(places, key=cost)
