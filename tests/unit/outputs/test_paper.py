"""Paper sizes, lengths and margins in their spellings."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import RequestNotValid
from stillframe.outputs.paper import Paper, margin_sides, to_px
from stillframe.request import CaptureRequest, parse


def pdf(**options: Any) -> CaptureRequest:
    request: CaptureRequest = parse({"url": "https://example.com/", "format": "pdf"} | options)
    return request


@pytest.mark.parametrize(
    ("length", "px"),
    [
        ("96px", 96),
        ("1in", 96),
        ("2.54cm", 96),
        ("25.4mm", 96),
        ("101.6q", 96),
        ("72pt", 96),
        ("6pc", 96),
        ("96", 96),
    ],
)
def test_lengths_in_css_pixels(length: str, px: float) -> None:
    assert to_px(length) == pytest.approx(px)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        (".5in", "0.5in"),
        ("20pt", "20pt"),
        ("1.5 CM", "1.5cm"),
        ("+3mm", "3mm"),
        (20, "20px"),
        (1.5, "1.5px"),
        ("0", "0px"),
    ],
)
def test_a_length_in_any_spelling(given: Any, canonical: str) -> None:
    assert pdf(pdf_margin_top=given).pdf_margin_top == canonical


@pytest.mark.parametrize(
    ("given", "sides"),
    [
        ("1cm", ("1cm", "1cm", "1cm", "1cm")),
        ("1cm 2cm", ("1cm", "2cm", "1cm", "2cm")),
        ("1cm 2cm 3cm", ("1cm", "2cm", "3cm", "2cm")),
        ("1 cm 2 cm 3 cm 4 cm", ("1cm", "2cm", "3cm", "4cm")),
        (5, ("5px", "5px", "5px", "5px")),
        ("none", ("0px", "0px", "0px", "0px")),
        ({"top": "1cm", "left": 0.5}, ("1cm", "0px", "0px", "0.5px")),
        ('{"bottom": ".5in"}', ("0px", "0px", "0.5in", "0px")),
    ],
)
def test_margins_in_any_spelling(given: Any, sides: tuple[str, ...]) -> None:
    margins = pdf(pdf_margin=given).pdf_margin
    assert margins is not None
    assert tuple(margin_sides(margins).values()) == sides


@pytest.mark.parametrize("name", ["pdf_margin", "margin", "pdfMargin"])
def test_margins_by_their_names(name: str) -> None:
    assert pdf(**{name: {"top": "1cm"}}).pdf_margin == "1cm 0px 0px 0px"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a4", {"pdf_format": "A4"}),
        ("LETTER", {"pdf_format": "Letter"}),
        ("jis b4", {"pdf_format": "JIS-B4"}),
        ("A4 landscape", {"pdf_format": "A4", "pdf_landscape": True}),
        ("landscape a5", {"pdf_format": "A5", "pdf_landscape": True}),
        ("letter-portrait", {"pdf_format": "Letter"}),
        ("210mm 297mm", {"pdf_width": "210mm", "pdf_height": "297mm"}),
        ("8.5 in x 11 in", {"pdf_width": "8.5in", "pdf_height": "11in"}),
    ],
)
def test_a_paper_size_in_any_spelling(given: str, wanted: dict[str, Any]) -> None:
    assert pdf(pdf_format=given) == pdf(**wanted)


def test_the_paper_of_one_output_is_read_like_that_of_the_request() -> None:
    request = parse(
        {"url": "https://example.com/", "outputs": [{"format": "pdf", "pdf_format": "a4 landscape"}]}
    )
    assert request.variants()[0].pdf_landscape


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("pdf_format", "A9"),
        ("pdf_format", "-1cm 2cm"),
        ("pdf_format", "a4 landscape portrait"),
        ("pdf_margin", "-1cm"),
        ("pdf_margin", "5em"),
        ("pdf_margin", "1cm auto"),
        ("pdf_margin", "1cm 2cm 3cm 4cm 5cm"),
        ("pdf_margin", ""),
        ("pdf_margin", "{"),
        ("pdf_margin", {"middle": "1cm"}),
        ("pdf_margin", {"top": True}),
        ("pdf_margin", [1]),
        ("pdf_margin_top", "1e3px"),
        ("pdf_width", "0"),
        ("pdf_width", "201in"),
        ("pdf_height", True),
    ],
)
def test_what_is_no_size_is_refused_by_its_name(option: str, value: Any) -> None:
    with pytest.raises(RequestNotValid) as refused:
        pdf(**{option: value})
    assert refused.value.details[0]["field"].split(".")[0] == option


def test_a_single_page_has_no_height_of_the_request() -> None:
    with pytest.raises(RequestNotValid, match="pdf_height"):
        pdf(pdf_single_page=True, pdf_height="10cm")


def test_paper_grows_to_the_largest_side_of_a_pdf() -> None:
    paper = Paper(100, 8_000, {}, set())
    assert paper.grow(2)
    assert paper.height == 16_000
    assert paper.grow(2)
    assert paper.height == 19_200
    assert not paper.grow(2)
