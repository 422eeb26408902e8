"""PDF: lengths, completeness and the number of pages."""

from __future__ import annotations

import pytest

from stillframe.errors import NotRenderable
from stillframe.outputs.pdf import Pdf, page_count

from .images import html_request


def test_an_incomplete_pdf_is_refused() -> None:
    for data in (b"", b"%PDF-1.7 cut", b"<html>%%EOF"):
        with pytest.raises(NotRenderable):
            Pdf().encode(data, html_request(format="pdf"), "pdf")


def test_pages_are_counted_without_a_library() -> None:
    assert page_count(b"/Type /Pages /Kids\n/Type /Page\n<</Type/Page/Parent>>") == 2
