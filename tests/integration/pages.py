"""Small pages: one that is quick to capture, and one whose picture is large and known to the pixel."""

from __future__ import annotations

import io

from PIL import Image

TINY = {"html_content": "<body style='margin:0;background:#0a0'>", "window_width": 40, "window_height": 30}

SIDE = 1_920
# A multiplicative generator of known constants: every pixel can be computed here as well.
_NOISE = f"""<!doctype html><style>*{{margin:0}}canvas{{display:block}}</style>
<canvas width={SIDE} height={SIDE}></canvas>
<script>
const context = document.querySelector('canvas').getContext('2d');
const image = context.createImageData({SIDE}, {SIDE}), data = new Uint32Array(image.data.buffer);
let state = 1;
for (let i = 0; i < data.length; i++) {{
  state = Math.imul(state, 1664525) + 1013904223 >>> 0;
  data[i] = (state >>> 8 | 0xff000000) >>> 0;
}}
context.putImageData(image, 0, 0);
</script>"""
NOISE = {"html_content": _NOISE, "window_width": SIDE, "window_height": SIDE}


def is_green(data: bytes) -> bool:
    """Whether these bytes are the picture of TINY."""
    with Image.open(io.BytesIO(data)) as image:
        return image.size == (40, 30) and image.convert("RGB").getpixel((20, 15)) == (0, 170, 0)


def assert_is_noise(data: bytes) -> None:
    """Every pixel of the first rows, and 10 MB in all."""
    assert len(data) > 10_000_000
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (SIDE, SIDE)
        found = image.convert("RGB").crop((0, 0, SIDE, 4)).tobytes()
    state, expected = 1, bytearray()
    for _ in range(SIDE * 4):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        expected += bytes(((state >> 8) & 255, (state >> 16) & 255, (state >> 24) & 255))
    assert found == bytes(expected)
