"""What is called a picture: measured from its own headers, whole or not at all."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from stillframe.errors import NotRenderable
from stillframe.outputs import CONTENT_TYPES, OUTPUTS, format_of_suffix, media_types, output, uses_quality
from stillframe.outputs.convert import convert, resized
from stillframe.outputs.document import Document
from stillframe.outputs.image import Image as ImageOutput
from stillframe.outputs.image import Resize, Shot
from stillframe.outputs.pdf import Pdf, page_count, to_px
from stillframe.outputs.verify import measure
from stillframe.request import CaptureRequest, parse

HTML = {"html_content": "<p>"}


def made(format: str, size: tuple[int, int] = (13, 7), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, (200, 0, 0) if mode == "RGB" else (200, 0, 0, 100)).save(buffer, format, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


PICTURES = [
    ("png", made("png")),
    ("jpeg", made("jpeg")),
    ("jpeg", made("jpeg", progressive=True)),
    ("webp", made("webp")),
    ("webp", made("webp", lossless=True)),
    ("webp", made("webp", mode="RGBA")),
]


@pytest.mark.parametrize(("format", "data"), PICTURES)
def test_a_picture_is_measured(format: str, data: bytes) -> None:
    assert measure(data, format) == (13, 7)


@pytest.mark.parametrize(("format", "data"), PICTURES)
def test_what_is_not_whole_has_no_size(format: str, data: bytes) -> None:
    for broken in (b"", data[:10], data[:-20], b"<html>" + data, data[1:]):
        assert measure(broken, format) is None


def wish(**options: object) -> CaptureRequest:
    request: CaptureRequest = parse(HTML | options)
    return request


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", (13, 7)), (made("png"), (13, 9)), (made("jpeg"), (13, 7))]
)
def test_bytes_that_are_not_the_picture_are_no_result(data: bytes, expected: tuple[int, int]) -> None:
    with pytest.raises(NotRenderable):
        ImageOutput().encode(Shot(data, "png", expected), wish(), "png")


def test_a_picture_in_its_own_format_is_not_touched() -> None:
    data = made("png")
    assert ImageOutput().encode(Shot(data, "png", (13, 7)), wish(), "png").data is data


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_a_picture_is_resized_in_every_format(format: str) -> None:
    done = convert(made("png", (100, 50)), wish(format=format, resize={"width": 20}), format, 10_000)
    picture = Image.open(io.BytesIO(done.data))
    assert (picture.format or "").lower() == format
    assert picture.size == (20, 10) == (done.width, done.height)


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({"width": 50}, (50, 25)),
        ({"height": 10}, (20, 10)),
        ({"width": 30, "height": 30}, (30, 30)),
        ({"width": 30, "height": 30, "fit": "inside"}, (30, 15)),
        ({"width": 30, "height": 30, "fit": "contain"}, (30, 30)),
        ({"width": 30, "height": 30, "fit": "fill"}, (30, 30)),
        ({}, (100, 50)),
    ],
)
def test_every_fit_has_its_size(wanted: dict[str, object], size: tuple[int, int]) -> None:
    assert resized(Image.new("RGB", (100, 50)), Resize.model_validate(wanted), 5_000).size == size


@pytest.mark.parametrize(
    "wanted", [{"width": 101}, {"height": 51}, {"width": 500, "height": 500, "fit": "inside"}]
)
def test_proportions_do_not_lead_over_the_budget(wanted: dict[str, object]) -> None:
    """A narrow page 15,000 px high, made 20,000 px wide, took the memory of the whole function."""
    with pytest.raises(NotRenderable, match="resize"):
        resized(Image.new("RGB", (100, 50)), Resize.model_validate(wanted), 5_000)


def test_every_format_has_an_output_and_a_type() -> None:
    formats = CaptureRequest.model_fields["format"].annotation.__args__  # type: ignore[union-attr]
    assert set(formats) == set(OUTPUTS) == set(CONTENT_TYPES) - {"zip"}
    for format in OUTPUTS:
        assert hasattr(output(format), "encode")


@pytest.mark.parametrize(
    ("suffix", "format"),
    [
        ("png", "png"),
        ("JPG", "jpeg"),
        ("jpeg", "jpeg"),
        ("htm", "html"),
        ("txt", "text"),
        ("md", "markdown"),
        ("mhtml", "mhtml"),
        ("json", None),
        ("metadata", None),
        ("", None),
    ],
)
def test_a_file_suffix_chooses_the_format(suffix: str, format: str | None) -> None:
    assert format_of_suffix(suffix) == format


def test_quality_applies_to_the_lossy_formats() -> None:
    assert {format for format in OUTPUTS if uses_quality(format)} == {"jpeg", "webp", "avif"}


def test_media_types_carry_no_parameters() -> None:
    assert {"image/png", "text/html", "application/zip"} < set(media_types())
    assert not any(";" in media_type for media_type in media_types())


@pytest.mark.parametrize(
    ("length", "px"), [("96px", 96), ("1in", 96), ("2.54cm", 96), ("25.4mm", 96), ("96", 96)]
)
def test_lengths_in_css_pixels(length: str, px: float) -> None:
    assert to_px(length) == pytest.approx(px)


def test_a_pdf_that_is_not_whole_is_no_result() -> None:
    for data in (b"", b"%PDF-1.7 cut", b"<html>%%EOF"):
        with pytest.raises(NotRenderable):
            Pdf().encode(data, wish(format="pdf"), "pdf")


def test_what_is_nested_too_deeply_for_markdown_is_told_so() -> None:
    with pytest.raises(NotRenderable, match="nested"):
        Document().encode("<div>" * 600 + "deep" + "</div>" * 600, wish(format="markdown"), "markdown")


def test_pages_are_counted_without_a_library() -> None:
    assert page_count(b"/Type /Pages /Kids\n/Type /Page\n<</Type/Page/Parent>>") == 2
