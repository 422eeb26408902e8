"""Screenshots: incomplete bytes are refused, complete ones are passed through."""

from __future__ import annotations

import pytest

from stillframe.errors import NotRenderable
from stillframe.outputs.image import Image as ImageOutput
from stillframe.outputs.screenshot import Shot

from .images import html_request, image_bytes


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", (13, 7)), (image_bytes("png"), (13, 9)), (image_bytes("jpeg"), (13, 7))]
)
def test_bytes_that_are_not_the_expected_image_are_refused(data: bytes, expected: tuple[int, int]) -> None:
    with pytest.raises(NotRenderable):
        ImageOutput().encode(Shot([data], "png", [expected]), html_request(), "png")


def test_an_image_already_in_the_requested_format_is_not_reencoded() -> None:
    data = image_bytes("png")
    assert ImageOutput().encode(Shot([data], "png", [(13, 7)]), html_request(), "png").data is data
