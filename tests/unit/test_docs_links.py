"""Relative links in the Markdown files of the repository lead to a file and a heading that exist."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_pages import ROOT, pages

_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _read(page: Path) -> str:
    return page.read_text("utf-8")


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#{1,6} +(.+?) *$", re.sub(r"(?ms)^```.*?^```", "", text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
        if found[slug]:
            found[f"{slug}-{found[slug]}"] = 0
    return set(found)


def broken(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    missing = []
    for link in _LINK.findall(_CODE.sub("", text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        has_anchor = not anchor or (
            target.suffix == ".md" and target.is_file() and anchor in anchors(_read(target))
        )
        if not (target.exists() and has_anchor):
            missing.append(link)
    return missing


def test_the_pages_are_found() -> None:
    names = {str(p.relative_to(ROOT)) for p in pages()}
    assert {"README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/signed-links.md"} <= names


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert broken(page, _read(page)) == []


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# One: two\n\n## One two\n", "utf-8")
    text = (
        "# Here\n[a](other.md#one-two) [b](#here) [c](https://example.com/x) `[d](gone.md)`\n"
        "[e](gone.md) [f](other.md#three) [g](#gone)\n```\n[h](gone.md)\n```\n"
    )
    page.write_text(text, "utf-8")
    assert broken(page, text) == ["gone.md", "other.md#three", "#gone"]
