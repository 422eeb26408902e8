"""Every fenced block of the documentation is run, checked in a named way, or left out for a stated reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_pages import pages

from .blocks import ROOT, blocks
from .runner import Page
from .world import World

PAGES = [p for p in pages() if blocks(p)]


def test_the_pages_are_found() -> None:
    names = {str(p.relative_to(ROOT)) for p in PAGES}
    assert {"README.md", "docs/quick-start.md", "docs/recipes/pdf-invoices.md", "docs/deploy.md"} <= names


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_does_what_it_says(
    page: Path, tmp_path: Path, everything: World, record_property: Callable[[str, object], None]
) -> None:
    followed = Page(blocks(page), tmp_path, everything)
    wrong = followed.follow()
    record_property("checked", (dict(followed.counts), followed.left_out))
    if wrong:
        pytest.fail(wrong, pytrace=False)
