"""HTML and Markdown."""

from __future__ import annotations

import pytest

from stillframe.errors import NotRenderable
from stillframe.outputs.document import Document

from .images import html_request


def test_html_nested_too_deeply_for_markdown_is_refused() -> None:
    with pytest.raises(NotRenderable, match="nested"):
        Document().encode(
            "<div>" * 600 + "deep" + "</div>" * 600, html_request(format="markdown"), "markdown"
        )
