"""What `/validate` says about a request: its plan and its traps."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.request import advice, parse

URL = {"url": "https://a.example/"}
PDF = {"format": "pdf"}
TRAPS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"pdf_scale": 0.5}, "pdf_scale has no effect unless format is pdf", PDF),
    ({"image_quality": 50}, "image_quality has no effect", {"format": "jpeg"}),
    ({"png_effort": "small", "format": "webp"}, "png_effort has no effect", {"format": "png"}),
    ({"resize": {"width": 9}, **PDF}, "resize has no effect unless format is png", {"format": "png"}),
    ({"tiles": {}, **PDF}, "tiles has no effect unless format is png", {"format": "webp"}),
    ({"marks": True, **PDF}, "marks has no effect unless format is png", {"format": "aria"}),
    ({"selector": "p", "format": "text"}, "selector has no effect", {"format": "aria"}),
    ({"aria_limit": 900}, "aria_limit has no effect unless format is aria", {"format": "aria"}),
    ({"content": "main"}, "content has no effect unless format is markdown", {"format": "text"}),
    ({"html_self_contained": True}, "html_self_contained has no effect", {"format": "html"}),
    (
        {"full_page_max_height": 99},
        "full_page_max_height has no effect without full_page",
        {"full_page": True},
    ),
    ({"cache_ttl": 9}, "cache_ttl has no effect without cache", {"cache": True}),
    ({"presign_ttl": 9}, "presign_ttl has no effect", {"store": True}),
    (
        {"wait_for_function": "x", "javascript": False},
        "wait_for_function has no effect with javascript: false",
        {"javascript": True},
    ),
    (
        {"block_cookie_banners": True, "javascript": False},
        "block_cookie_banners can only hide banners",
        {"block_cookie_banners": "hide"},
    ),
    ({"delay_capture": 9_000, "timeout": 9_000}, "delay_capture of 9000 ms is longer", {"timeout": 9_001}),
    (
        {"wait_for_timeout": 9_000, "timeout": 5_000},
        "wait_for_timeout of 9000 ms is longer",
        {"timeout": 9_000},
    ),
    (
        {"wait_for_selector": "#a", "remove_selectors": ["#a"]},
        "wait_for_selector cannot be met: remove_selectors",
        {"remove_selectors": ["#b"]},
    ),
    ({"wait_for_selector": "title"}, "title is never drawn", {"wait_for_selector": "h1"}),
    (
        {"wait_for_selector": "#a", "wait_for_hidden": "#a"},
        "wait for the same element",
        {"wait_for_hidden": "#b"},
    ),
    ({"selector": "#a", "remove_selectors": ["#a"]}, "selector cannot be captured", {"selector": "#b"}),
    (
        {"fail_on": ["broken_image"], "block_media": True},
        "broken_image cannot happen",
        {"block_media": False},
    ),
    ({"fail_on": ["blocked_request"]}, "blocked_request cannot happen", {"block_ads": True}),
    ({"fail_if_contains": ["a"], "fail_if_missing": ["a"]}, "always fails", {"fail_if_missing": ["b"]}),
    ({"debug": True, "cache": True}, "does not read the cache", {"cache": False}),
]


def traps(options: dict[str, Any]) -> list[str]:
    request = parse(URL | options)
    return advice.traps(request, (request.timeout or 30_000) / 1000)


@pytest.mark.parametrize(("options", "words", "cure"), TRAPS, ids=[words for _, words, _ in TRAPS])
def test_a_trap_is_named_and_its_cure_is_not(
    options: dict[str, Any], words: str, cure: dict[str, Any]
) -> None:
    (found,) = traps(options)
    assert words in found
    assert traps(options | cure) == []


def test_a_request_without_traps_has_none() -> None:
    assert traps({"full_page": True, "outputs": ["png", "pdf"], "pdf_scale": 0.5}) == []


def test_the_plan_says_what_would_be_done() -> None:
    request = parse(
        URL
        | {
            "outputs": ["png", "pdf"],
            "wait_for_selector": "#a",
            "block_ads": True,
            "fail_on": ["blank"],
            "store": True,
            "cookies": ["a=b"],
        }
    )
    assert advice.plan(request, 12.5) == {
        "formats": ["png", "pdf"],
        "seconds": 12.5,
        "context": "own",
        "wait_until": "settled",
        "waits": ["wait_for_selector"],
        "filter_lists": ["easylist"],
        "fail_on": ["blank"],
        "stored": True,
        "job": False,
    }


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"format": "pdf", "tiles": {"height": 500}}, "tiles has no effect unless format is png"),
        ({"format": "pdf", "max_pixels": 5_000}, "max_pixels has no effect unless format is png"),
        ({"format": "mhtml", "marks": True}, "marks has no effect unless format is png"),
        ({"format": "markdown", "aria_limit": 900}, "aria_limit has no effect unless format is aria"),
        ({"format": "png", "pdf_scale": 1.5}, "pdf_scale has no effect unless format is pdf"),
    ],
)
def test_an_option_of_an_output_is_for_the_format_of_that_output(
    entry: dict[str, Any], sentence: str
) -> None:
    others = [{"format": "png"}, {"format": "aria"}, {"format": "pdf"}]
    (found,) = advice.traps(parse(URL | {"outputs": [entry, *others]}), 30)
    assert found.startswith(sentence)
