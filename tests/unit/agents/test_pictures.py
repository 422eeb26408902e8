"""The picture of what changed."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from stillframe.agents.pictures import changes
from stillframe.comparison import compare


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def changed(size: tuple[int, int], *boxes: tuple[int, int, int, int]) -> tuple[bytes, bytes]:
    before = Image.new("RGB", size, "white")
    after = before.copy()
    for x, y, width, height in boxes:
        ImageDraw.Draw(after).rectangle((x, y, x + width - 1, y + height - 1), fill="black")
    return png(before), png(after)


def test_a_small_change_is_shown_at_its_size() -> None:
    found = changes(compare(*changed((1280, 3000), (600, 1000, 100, 40))), 900_000)
    picture = Image.open(io.BytesIO(found.data)).convert("RGB")
    assert picture.size == (220, 160)
    red, green, blue = picture.getpixel((110, 80))  # type: ignore[misc]
    assert red > 180
    assert green < 60
    assert blue < 110
    assert found.where == "the changed part, x 540 to 760 and y 940 to 1100, at 100% of its size"


@pytest.mark.parametrize("boxes", [[(0, 0, 1280, 9000)], [(10, 50, 5, 5), (1200, 8900, 50, 50)]])
def test_of_a_change_all_over_a_tall_page_the_beginning_is_legible(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    found = changes(compare(*changed((1280, 9000), *boxes)), 900_000)
    picture = Image.open(io.BytesIO(found.data))
    assert picture.width >= 0.45 * 1280
    assert picture.width * picture.height <= 900_000
    assert max(picture.size) <= 1_568
    assert found.where.startswith("the beginning of the changed part, ")
