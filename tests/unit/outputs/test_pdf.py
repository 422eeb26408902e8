"""PDF: lengths, completeness and the number of pages."""

from __future__ import annotations

import pytest

from stillframe.errors import NotRenderable
from stillframe.outputs.pdf import Pdf, page_count, to_px

from .images import html_request


@pytest.mark.parametrize(
    ("length", "px"), [("96px", 96), ("1in", 96), ("2.54cm", 96), ("25.4mm", 96), ("96", 96)]
)
def test_lengths_in_css_pixels(length: str, px: float) -> None:
    assert to_px(length) == pytest.approx(px)


def test_an_incomplete_pdf_is_refused() -> None:
    for data in (b"", b"%PDF-1.7 cut", b"<html>%%EOF"):
        with pytest.raises(NotRenderable):
            Pdf().encode(data, html_request(format="pdf"), "pdf")


def test_pages_are_counted_without_a_library() -> None:
    assert page_count(b"/Type /Pages /Kids\n/Type /Page\n<</Type/Page/Parent>>") == 2
