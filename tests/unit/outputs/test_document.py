"""HTML and Markdown."""

from __future__ import annotations

import pytest

from stillframe.errors import NotRenderable
from stillframe.outputs import conversions, document
from stillframe.outputs.document import Document

from .images import html_request


def test_html_nested_too_deeply_for_markdown_is_refused() -> None:
    with pytest.raises(NotRenderable, match="nested"):
        Document().encode(
            "<div>" * 600 + "deep" + "</div>" * 600, html_request(format="markdown"), "markdown"
        )


def test_html_with_many_tags_is_written_in_a_process_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    html, request = "<h1>a ü</h1>" + "<p>b" * 50, html_request(format="markdown")
    here = Document().encode(html, request, "markdown")
    monkeypatch.setattr(document, "_TAGS_IN_THREAD", 10)
    monkeypatch.setattr(conversions, "markdown", lambda _: pytest.fail("written in this process"))
    assert Document().encode(html, request, "markdown") == here


def test_html_nested_too_deeply_is_refused_by_the_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_TAGS_IN_THREAD", 10)
    with pytest.raises(NotRenderable, match="nested"):
        Document().encode("<div>" * 2000 + "deep", html_request(format="markdown"), "markdown")
