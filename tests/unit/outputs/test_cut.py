"""How a picture is scaled into a budget of pixels and cut into tiles."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageChops

from stillframe.errors import NotRenderable
from stillframe.outputs.conversions.marks import draw_marks
from stillframe.outputs.convert import convert_tiles
from stillframe.outputs.cut import plan
from stillframe.request import parse

from .images import html_request, shot


def test_a_picture_within_its_budget_stays_as_it_is() -> None:
    found = plan((1000, 800), html_request(max_pixels=800_000))
    assert (found.size, found.rows) == ((1000, 800), [])


@pytest.mark.parametrize("size", [(1280, 9000), (390, 20_000), (4000, 300), (1, 50_000)])
def test_a_picture_is_never_larger_than_its_budget(size: tuple[int, int]) -> None:
    width, height = plan(size, html_request(max_pixels=100_000)).size
    assert width * height <= 100_000
    assert width * height > 80_000 or min(width, height) == 1


def test_tiles_cover_every_row() -> None:
    found = plan((500, 2_345), html_request(tiles={"height": 1_000, "overlap": 50}))
    assert found.rows == [(0, 1_000), (950, 1_950), (1_900, 2_345)]
    assert (found.first, found.total) == (1, 3)


def test_no_tile_repeats_only_the_end_of_the_one_before() -> None:
    assert plan((500, 1_950), html_request(tiles={"height": 1_000, "overlap": 50})).total == 2


def test_a_budget_holds_for_each_tile_and_decides_the_scale() -> None:
    found = plan((1280, 10_000), html_request(max_pixels=1_200_000, tiles={"height": 1_500}))
    assert found.size == (800, 6_250)
    assert found.rows == [(0, 1500), (1500, 3000), (3000, 4500), (4500, 6000), (6000, 6250)]


def test_what_fits_at_a_legible_scale_is_one_tile() -> None:
    found = plan((1280, 1_500), html_request(max_pixels=1_200_000, tiles={"height": 1_500}))
    assert found.rows == [(0, found.size[1])]
    assert 1_190_000 < found.size[0] * found.size[1] <= 1_200_000


def test_only_the_wanted_tiles_are_made() -> None:
    found = plan((500, 5_000), html_request(tiles={"height": 1_000, "first": 4, "count": 9}))
    assert (found.rows, found.first, found.total) == ([(3000, 4000), (4000, 5000)], 4, 5)


def noise(width: int, height: int) -> Image.Image:
    random.seed(2)
    return Image.frombytes("RGB", (width, height), random.randbytes(width * height * 3))


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def test_tiles_have_the_pixels_of_the_picture() -> None:
    picture = noise(60, 500)
    request = html_request(tiles={"height": 200}, format="png")
    made = convert_tiles(shot(png(picture)), request, "png")
    assert made.data == b""
    joined = Image.new("RGB", picture.size)
    for tile in made.tiles:
        assert tile.tile is not None
        joined.paste(Image.open(io.BytesIO(tile.data)), (0, tile.tile["rows"][0]))
    assert ImageChops.difference(joined, picture).getbbox() is None
    assert [tile.height for tile in made.tiles] == [200, 200, 100]
    with pytest.raises(NotRenderable, match="the picture has 3 tiles"):
        convert_tiles(
            shot(png(picture)), parse({"html_content": "x", "tiles": {"height": 200, "first": 4}}), "png"
        )


def test_labels_lie_within_the_picture_and_not_on_each_other() -> None:
    boxes = [[n, x, y, 30, 16] for n, (x, y) in enumerate([(0, 0), (32, 0), (64, 0), (0, 18), (170, 84)], 1)]
    picture = draw_marks(Image.new("RGB", (200, 100), "white"), [list(map(float, b)) for b in boxes], 1)
    colours = {(194, 24, 91), (21, 88, 192), (168, 67, 0), (11, 110, 79), (106, 31, 181), (93, 64, 55)}
    counts = {c: n for n, c in picture.getcolors(10_000) or [] if c in colours}
    # Each label has at least half of its area in its own colour: none was painted over.
    assert len(counts) == 5
    assert all(count > 180 for count in counts.values()), counts
