"""Render Markdown as an HTML page."""

from __future__ import annotations

from ..page.assets import asset_text


def markdown_page(text: str) -> str:
    """The HTML page of a Markdown text; HTML within it is kept, as GitHub does."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"]).render(text)
    style = asset_text("steps/assets/markdown.css")
    head = f'<head><meta charset="utf-8"><style>{style}</style></head>'
    return f"<!doctype html><html>{head}<body>{body}</body></html>"
