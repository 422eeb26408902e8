"""Rows about the paper, the margins, the header and the footer of a PDF."""

from __future__ import annotations

import re

from cases import case, page
from entries import Answer
from look import paper, pdf, placed, warned
from origins import Origins

A4 = (595.3, 841.9)


def about(found: tuple[float, float], wanted: tuple[float, float]) -> None:
    assert all(abs(a - b) <= 1.5 for a, b in zip(found, wanted, strict=True)), f"{found} is not {wanted}"


@case(
    "pdf_single_page with a hero as high as the window",
    url=page("hero.html"),
    format="pdf",
    pdf_single_page=True,
)
def _(a: Answer, s: Origins) -> None:
    reader = pdf(a)
    assert len(reader.pages) == 1
    # The window of 240 px, half of it, and 700 px, in points.
    about(paper(reader), (240, 795.75))


for wide, sizes in ((False, (595.3, 795.75)), (True, (841.9, 795.75))):

    @case(
        f"pdf_single_page as wide as its paper, landscape {wide}",
        url=page("hero.html"),
        format="pdf",
        pdf_single_page=True,
        pdf_format="A4",
        pdf_landscape=wide,
    )
    def _(a: Answer, s: Origins, sizes: tuple[float, float] = sizes) -> None:
        reader = pdf(a)
        assert len(reader.pages) == 1
        about(paper(reader), sizes)


@case(
    "pdf_single_page joins the page's own pages", url=page("paper.html"), format="pdf", pdf_single_page=True
)
def _(a: Answer, s: Origins) -> None:
    assert len(pdf(a).pages) == 1


@case("pdf_format in small letters, turned", url=page("paper.html"), format="pdf", pdf_format="a4 landscape")
def _(a: Answer, s: Origins) -> None:
    about(paper(pdf(a)), (842, 595))


@case(
    "pdf_header and pdf_footer keep off the text without margins",
    url=page("paper.html"),
    format="pdf",
    pdf_header="HEAD<br>LINE",
    pdf_footer="FOOT",
)
def _(a: Answer, s: Origins) -> None:
    words = placed(pdf(a))
    assert words["One"].top <= words["LINE"].bottom
    # 12 CSS pixels are 9 points.
    assert words["HEAD"].size == words["FOOT"].size == 9


@case(
    "pdf_header makes a margin grow that is too small for it",
    url=page("paper.html"),
    format="pdf",
    pdf_header="HEAD<br>LINE",
    pdf_margin="5px",
)
def _(a: Answer, s: Origins) -> None:
    warned(a, "margin_raised")
    words = placed(pdf(a))
    assert words["One"].top <= words["LINE"].bottom


@case(
    "pdf_header and pdf_footer with images",
    url=page("paper.html"),
    format="pdf",
    pdf_header="<img src='%main%/image' width=20 height=20>",
    pdf_footer="<div style='height: 20px; background: url(%main%/image)'></div>",
)
def _(a: Answer, s: Origins) -> None:
    assert all(len(sheet.images) >= 1 for sheet in pdf(a).pages)


@case(
    "pdf_header with the date of the locale",
    url=page("paper.html"),
    format="pdf",
    pdf_header="<span class='date'></span>",
    locale="de-DE",
)
def _(a: Answer, s: Origins) -> None:
    assert re.search(r"\d\d\.\d\d\.\d\d, \d\d:\d\d", pdf(a).pages[0].extract_text())


@case("an @page size that was not asked for", url=page("csspage.html"), format="pdf")
def _(a: Answer, s: Origins) -> None:
    reader = pdf(a)
    warned(a, "page_size_ignored")
    assert a.headers.get("x-capture-verdict", "ok") == "ok"
    about(paper(reader), A4)
    # Chromium would shrink the page to the middle of the paper.
    assert placed(reader)["own paper"].left < 60


@case(
    "a margin of the request wins over that of @page",
    url=page("csspage_margin.html"),
    format="pdf",
    pdf_margin_left="2in",
)
def _(a: Answer, s: Origins) -> None:
    text = placed(pdf(a))["own margin"]
    assert round(text.left) == 144
    # The page's own 50 px are 37.5 points.
    assert 790 < text.bottom < 805


@case(
    "a header grows the margin of @page",
    url=page("csspage_margin.html"),
    format="pdf",
    pdf_header="A<br>B<br>C",
)
def _(a: Answer, s: Origins) -> None:
    words = placed(pdf(a))
    assert words["own margin"].top <= words["C"].bottom
    assert round(words["own margin"].left, 1) == 37.5
