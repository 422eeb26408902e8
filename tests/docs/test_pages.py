"""Every fenced block of the documentation is run, checked in a named way, or left out for a stated reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_pages import pages

from .blocks import ROOT, blocks
from .runner import Page
from .world import World

PAGES = [p for p in pages() if blocks(p)]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_does_what_it_says(page: Path, tmp_path: Path, everything: World, tally: list[Page]) -> None:
    followed = Page(blocks(page), tmp_path, everything)
    wrong = followed.follow()
    if wrong:
        pytest.fail(wrong, pytrace=False)
    tally.append(followed)
