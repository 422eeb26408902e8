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


def reached(start: Path) -> set[Path]:
    """The pages to which links lead from a page, over other pages; a link to a folder leads to its pages."""
    found, waiting = set[Path](), [start]
    while waiting:
        page = waiting.pop()
        if page in found:
            continue
        found.add(page)
        for link in _LINK.findall(_CODE.sub("", _read(page))):
            target = (page.parent / unquote(link).partition("#")[0]).resolve()
            waiting += sorted(target.glob("*.md")) if target.is_dir() else [target] * (target.suffix == ".md")
    return found


def test_every_page_is_reached_from_the_readme() -> None:
    assert set(pages()) - reached(ROOT / "README.md") == set()


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_other_link_is_an_address_over_https(page: Path) -> None:
    links = [link for link in _LINK.findall(_CODE.sub("", _read(page))) if "://" in link]
    assert [link for link in links if not re.match(r"https://[\w.-]+\.[a-z]+(/|$)", link)] == []


def test_a_page_without_a_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[b](b.md)", "utf-8")
    (tmp_path / "b.md").write_text("[a](a.md#x)", "utf-8")
    (tmp_path / "c.md").write_text("", "utf-8")
    assert reached(tmp_path / "a.md") == {tmp_path / "a.md", tmp_path / "b.md"}


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# One: two\n\n## One two\n", "utf-8")
    text = (
        "# Here\n[a](other.md#one-two) [b](#here) [c](https://example.com/x) `[d](gone.md)`\n"
        "[e](gone.md) [f](other.md#three) [g](#gone)\n```\n[h](gone.md)\n```\n"
    )
    page.write_text(text, "utf-8")
    assert broken(page, text) == ["gone.md", "other.md#three", "#gone"]
