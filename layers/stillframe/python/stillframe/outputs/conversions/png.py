"""The lossless pictures of the browser: opened, joined as PNG, and made smaller."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image as Pillow


def opened(data: bytes) -> Pillow.Image:
    """The picture, without an alpha channel where it is opaque."""
    from PIL import Image

    # The capture is within the pixel budget already; Pillow's own limit would only warn about large pages.
    Image.MAX_IMAGE_PIXELS = None
    picture: Pillow.Image = Image.open(io.BytesIO(data))
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    return picture


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG, from its header."""
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def joined_png(tiles: list[bytes]) -> bytes:
    """One PNG of all tiles, in the memory of one of them: rows are filtered and compressed as they come.

    The filter is Up (PNG specification, 9.2): each byte less the byte above it.
    """
    import struct
    import zlib

    from PIL import Image, ImageChops

    sizes = [size_of(tile) for tile in tiles]
    width, height = max(w for w, _ in sizes), sum(h for _, h in sizes)
    mode = "RGBA" if any(opened(tile).mode == "RGBA" for tile in tiles) else "RGB"
    packer = zlib.compressobj(level=2)
    packed = []
    above = Image.new(mode, (width, 1), 0)
    for tile in tiles:
        picture = opened(tile).convert(mode)
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


def optimise_with_oxipng(data: bytes) -> bytes:
    """A PNG with the same pixels. Levels above 2 take three times as long for one per cent."""
    import oxipng

    return bytes(oxipng.optimize_from_memory(data, level=2))


def optimise_with_pillow(data: bytes) -> bytes:
    """A PNG with the same pixels, where oxipng is not installed."""
    buffer = io.BytesIO()
    opened(data).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
