"""What a selector needs of a document, read from its text."""

from __future__ import annotations

import pytest

from stillframe.page import selectors


@pytest.mark.parametrize(
    ("selector", "parts"),
    [
        ("#a,.b c", ["#a", ".b c"]),
        ("a[href='x,y'], .b:has(> p, > a)", ["a[href='x,y']", ".b:has(> p, > a)"]),
        ('a[href^="x"', ['a[href^="x"]']),
    ],
)
def test_a_selector_list_is_split_at_its_own_commas(selector: str, parts: list[str]) -> None:
    assert list(selectors.alternatives(selector)) == parts


@pytest.mark.parametrize(
    ("selector", "name"),
    [
        ("#a .longer > div", "longer"),
        ("div:not(.hidden).shown", "shown"),
        ("form[class*='.cookie']", ""),
        ("div:has(> p > a.b)", ""),
        (".c:is(.one, .another)", "c"),
        ("#Ad-Box", "ad-box"),
    ],
)
def test_the_name_of_a_selector_is_one_that_it_cannot_match_without(selector: str, name: str) -> None:
    assert selectors.name_in(selector) == name
