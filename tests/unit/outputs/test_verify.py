"""The size of an image, read from its headers when the image is complete."""

from __future__ import annotations

import pytest

from stillframe.outputs.verify import measure

from .images import image_bytes

PICTURES = [
    ("png", image_bytes("png")),
    ("jpeg", image_bytes("jpeg")),
    ("jpeg", image_bytes("jpeg", progressive=True)),
    ("webp", image_bytes("webp")),
    ("webp", image_bytes("webp", lossless=True)),
    ("webp", image_bytes("webp", mode="RGBA")),
]


@pytest.mark.parametrize(("format", "data"), PICTURES)
def test_the_size_of_an_image_is_read_from_its_header(format: str, data: bytes) -> None:
    assert measure(data, format) == (13, 7)


@pytest.mark.parametrize(("format", "data"), PICTURES)
def test_an_incomplete_image_has_no_size(format: str, data: bytes) -> None:
    for broken in (b"", data[:10], data[:-20], b"<html>" + data, data[1:]):
        assert measure(broken, format) is None
