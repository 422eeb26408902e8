"""URL patterns: which addresses they match, which are refused, and that matching takes linear time."""

from __future__ import annotations

import pytest

from stillframe.errors import RequestNotValid
from stillframe.page.interception import PausedRequest
from stillframe.request import parse
from stillframe.steps.block import blockers


def blocked(url: str, *patterns: str) -> bool:
    (rule,) = blockers(parse({"url": "https://a.example/", "block_urls": list(patterns)}))
    return rule(PausedRequest(url, "image", "https://a.example/")) == "block_urls"


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("ads.example", "https://ads.example/x", "https://adsXexample/x"),
        ("*://ads.example/*", "http://ads.example/x?y\n", "http://a.example/?ads.example"),
        ("*/a?.png", "http://x/ab.png", "http://x/ab.png?"),
        ("*?a[]=*", "http://x/?a[]=1", "http://x/?a=1"),
        (r"/\.(mp4|webm)$/", "http://x/a.webm", "http://x/a.webm?"),
        (r"/^https:/", "https://x/", "http://x/?https:"),
        ("é", "http://x/é", "http://x/e"),
    ],
)
def test_a_pattern_matches_the_addresses_it_describes(pattern: str, matching: str, other: str) -> None:
    assert blocked(matching, "never", pattern)
    assert not blocked(other, "never", pattern)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("pattern", ["/(a+)+$/", "/x.(a|a)*$/", "/(.*a){25}$/", "*a" * 200 + "b"])
def test_no_pattern_has_exponential_run_time(pattern: str) -> None:
    assert not blocked("http://x/" + "a" * 4000 + "!", pattern)


@pytest.mark.parametrize(
    "patterns",
    [
        ["/[/"],
        ["/(?=a)/"],
        [r"/(a)\1/"],
        ["/(a{1000}){1000}/"],
        ["\ud800"],
        [f"/{i}(a{{100}}){{9}}/" for i in range(100)],
    ],
)
def test_invalid_or_too_large_patterns_are_refused(patterns: list[str]) -> None:
    with pytest.raises(RequestNotValid) as caught:
        parse({"url": "https://a.example/", "block_urls": patterns})
    assert "block_urls" in str(caught.value.details)
