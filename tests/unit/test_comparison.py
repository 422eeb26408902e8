"""What counts as a change between two pictures, and where it is reported."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw

from stillframe.comparison import MAX_BOXES, compare
from stillframe.errors import RequestNotValid


def png(picture: Image.Image, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format)
    return buffer.getvalue()


def page(width: int = 320, height: int = 200, colour: str = "white") -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def with_boxes(picture: Image.Image, *boxes: tuple[int, int, int, int], fill: str = "red") -> Image.Image:
    drawn = picture.copy()
    for left, top, width, height in boxes:
        ImageDraw.Draw(drawn).rectangle((left, top, left + width - 1, top + height - 1), fill=fill)
    return drawn


def text(offset: int, words: str = "The quick brown fox") -> Image.Image:
    """Antialiased words, `offset` pixels from the left edge of the others."""
    large = page(1280, 200)
    ImageDraw.Draw(large).text((40 + offset * 4, 40), words, fill="black", font_size=64)
    return large.resize((320, 50), Image.Resampling.BOX)


def test_the_same_picture_has_no_change() -> None:
    found = compare(png(page()), png(page()))
    assert (found.changed, found.share, found.boxes) == (False, 0.0, ())
    assert found.compared_pixels == 320 * 200


def test_two_files_of_the_same_pixels_have_no_change() -> None:
    assert not compare(png(page()), png(page(), "WEBP")).changed


def test_a_change_is_counted_and_located() -> None:
    found = compare(png(page()), png(with_boxes(page(), (100, 60, 40, 20), (10, 180, 1, 1))))
    assert found.boxes == ((100, 60, 40, 20), (10, 180, 1, 1))
    assert found.changed_pixels == 801
    assert found.share == pytest.approx(801 / 64_000)
    assert found.in_words() == "1.25% of the pixels differ, in 2 areas."


def test_a_line_of_text_is_one_area() -> None:
    found = compare(png(text(0)), png(text(0, "A lazy dog sleeps")))
    assert found.box_count == 1


def disc(offset: float) -> Image.Image:
    large = page(1280, 800)
    ImageDraw.Draw(large).ellipse((200 + offset * 4, 200, 600 + offset * 4, 600), fill="black")
    return large.resize((320, 200), Image.Resampling.BOX)


@pytest.mark.parametrize(
    ("one", "two"), [(disc(0), disc(0.25)), (text(0), text(1))], ids=["a quarter", "text, a whole one"]
)
def test_edges_at_most_one_pixel_away_are_the_same(one: Image.Image, two: Image.Image) -> None:
    assert not compare(png(one), png(two)).changed
    assert compare(png(one), png(two), tolerance=0).changed


def test_text_two_pixels_away_is_a_change() -> None:
    assert compare(png(text(0)), png(text(2))).changed


def test_a_hairline_that_is_gone_is_a_change() -> None:
    found = compare(png(with_boxes(page(), (0, 90, 320, 1), fill="black")), png(page()))
    assert found.boxes == ((0, 90, 320, 1),)


def test_the_tolerance_decides_about_a_faint_change() -> None:
    pale = png(with_boxes(page(), (20, 20, 30, 30), fill="#f4f4f4"))
    assert not compare(png(page()), pale).changed
    assert compare(png(page()), pale, tolerance=0.02).boxes == ((20, 20, 30, 30),)


@pytest.mark.parametrize("top", [1022, 1023, 1024])
def test_a_change_between_two_strips_of_rows_is_found_whole(top: int) -> None:
    before = page(64, 2100)
    found = compare(png(before), png(with_boxes(before, (8, top, 16, 3))))
    assert (found.boxes, found.changed_pixels) == (((8, top, 16, 3),), 48)


def test_edges_are_judged_alike_at_the_border_of_a_strip() -> None:
    before = with_boxes(page(64, 2100), (8, 1000, 16, 24))
    moved = with_boxes(page(64, 2100), (8, 1001, 16, 24))
    assert not compare(png(before), png(moved)).changed


def test_an_ignored_area_is_not_compared() -> None:
    after = png(with_boxes(page(), (100, 60, 40, 20), (200, 10, 10, 10)))
    found = compare(png(page()), after, ignore=[(90, 50, 60, 40)])
    assert found.boxes == ((200, 10, 10, 10),)
    assert found.compared_pixels == 64_000 - 2_400
    assert compare(png(page()), after, ignore=[(0, 0, 320, 200)]).share == 0.0


def test_what_only_one_picture_covers_is_a_change() -> None:
    found = compare(png(page(320, 200)), png(page(320, 260)))
    assert found.sizes_differ
    assert found.boxes == ((0, 200, 320, 60),)
    assert found.share == pytest.approx(60 / 260)
    assert "from 320×200 to 320×260 px" in found.in_words()


def test_a_corner_that_no_picture_covers_is_no_change() -> None:
    found = compare(png(page(100, 40)), png(page(60, 80)))
    assert found.changed_pixels == 40 * 40 + 60 * 40


def test_transparency_counts_as_white() -> None:
    clear = Image.new("RGBA", (320, 200), (255, 0, 0, 0))
    assert not compare(png(page()), png(clear)).changed
    assert compare(png(page(colour="red")), png(clear)).share == 1.0


def test_the_overlay_shows_changes_in_red_on_a_pale_page() -> None:
    before = page(colour="black")
    found = compare(png(before), png(with_boxes(before, (100, 60, 40, 20), fill="white")))
    shown = Image.open(io.BytesIO(found.overlay()))
    assert shown.size == (320, 200)
    assert shown.getpixel((120, 70)) == (214, 0, 60)
    assert shown.getpixel((97, 70)) == (214, 0, 60)
    red, green, blue = shown.getpixel((20, 20))  # type: ignore[misc]
    assert red == green == blue > 150


def test_the_boxes_are_limited_and_the_largest_stay() -> None:
    spots = [(x, y, 2, 2) for x in range(0, 1600, 80) for y in range(0, 400, 80)]
    before = page(1600, 400)
    found = compare(png(before), png(with_boxes(before, *spots, (40, 40, 9, 9))))
    assert (len(found.boxes), found.box_count) == (MAX_BOXES, 101)
    assert (40, 40, 9, 9) in found.boxes


@pytest.mark.parametrize("data", [b"", b"GIF89a", png(page())[:-200], png(page())[:40]])
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(RequestNotValid, match="before: these bytes are no complete"):
        compare(data, png(page()))


def test_a_picture_over_the_limit_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(RequestNotValid, match="after: the picture has 320×200 px"):
        compare(png(page(10, 10)), png(page()), max_pixels=1_000)


def test_noise_beyond_the_tolerance_is_a_change_everywhere() -> None:
    random.seed(1)
    noise = Image.frombytes("RGB", (320, 200), random.randbytes(320 * 200 * 3))
    assert compare(png(page(colour="gray")), png(noise)).share > 0.9


@pytest.mark.parametrize("rectangle", [(0, 0, 0.5, 0.5), (9.7, 9.2, 0.1, 40), (5, 5, 300, 0.2)])
def test_a_rectangle_below_a_pixel_is_no_error(rectangle: tuple[float, float, float, float]) -> None:
    found = compare(png(page()), png(page(colour="black")), ignore=[rectangle])
    assert 0 < found.compared_pixels < 320 * 200
