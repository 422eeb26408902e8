"""Images and requests that the tests of outputs share."""

from __future__ import annotations

import io

from PIL import Image

from stillframe.outputs.screenshot import Shot
from stillframe.request import CaptureRequest, parse

HTML = {"html_content": "<p>"}


def image_bytes(format: str, size: tuple[int, int] = (13, 7), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, (200, 0, 0) if mode == "RGB" else (200, 0, 0, 100)).save(buffer, format, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def html_request(**options: object) -> CaptureRequest:
    request: CaptureRequest = parse(HTML | options)
    return request


def shot(data: bytes, max_pixels: int = 100_000) -> Shot:
    return Shot([data], "png", [], max_pixels)
