"""An answer of the guard itself is never a picture: requests under way at the end of a capture, and hosts
that no name server carries. `STILLFRAME_SEAM_RACES` is the number of green captures after hanging ones,
12 by default.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from farm import Farm, Seen, html, redirect
from shoot import Shooter

from stillframe.errors import CaptureError

pytestmark = [pytest.mark.browser, pytest.mark.timeout(7200)]

RACES = int(os.environ.get("STILLFRAME_SEAM_RACES", "12"))
_HANG = "<h1>hangs</h1><script>onload = () => { for (let i = 0; i < 6; i++) fetch('/endless?' + i) }</script>"

MALFORMED = [
    "http://foo..com/",
    "http://a..b.example/",
    "http://.example/",
    "http://..example./",
    f"http://{'a' * 64}.example/",
    "http://" + ".".join(["a" * 60] * 5) + ".example/",
    "http://exa mple/",
    "http://%zz/",
    "http://a%00b.example/",
    "http://a%2Fb.example/",
    "http://a_b%5E.example/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://1.2.3.4.5/",
    "http://256.256.256.256/",
    "http://0x1g.example../",
    "http://xn--a-ecp.example/",
    "http://-.example/",
    "http://\u00ad/",
]
# Chromium never asks for these as a redirect or a frame; their page stays what it was.


@pytest.fixture
def site(farm: Farm) -> Farm:
    def endless(_: Seen) -> tuple[int, dict[str, str], bytes]:
        farm.site.closing.wait(8)
        return 200, {}, b""

    farm.serve("/endless", endless)
    farm.serve("/hang", html(_HANG))
    farm.serve("/green", html("<body style='background:rgb(0,160,0)'>green page"))
    return farm


@pytest.fixture(scope="module", params=[1, 2], ids=["one-slot", "two-slots"])
def shooter(_farm: Farm, request: pytest.FixtureRequest) -> Iterator[Shooter]:
    made = Shooter(_farm, workers=request.param, queue_size=50)
    yield made
    made.close()


def test_a_page_after_requests_under_way_is_answered_by_its_target(site: Farm, shooter: Shooter) -> None:
    def one(number: int) -> str:
        for _ in range(2):
            # Every tenth settles, which waits for requests that never end.
            waits = {} if number % 10 == 0 else {"wait_until": "load"}
            shooter.shoot(url=site.home + "/hang", format="png", timeout=6000, **waits)
        for _ in range(2):
            try:
                result = shooter.shoot(url=site.home + "/green", format="text", wait_until="load")
            except CaptureError as error:
                return f"{number}: {error.code} {error.message}"
            if result.report.target.status != 200 or b"green page" not in result.artifact.data:
                return f"{number}: {result.report.target.status} {result.artifact.data[:60]!r}"
        return ""

    with ThreadPoolExecutor(shooter.runtime.slot_count()) as pool:
        assert [text for text in pool.map(one, range((RACES + 1) // 2)) if text] == []


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_host_is_never_a_picture(site: Farm, guarded: Shooter, url: str) -> None:
    try:
        error = guarded.refused(url=url, timeout=6000)
    except ValueError:
        return
    assert error.status in (400, 502), error.code


@pytest.mark.parametrize("url", [url for url in MALFORMED if " " not in url])
def test_a_redirect_to_a_malformed_host_is_never_a_picture(site: Farm, guarded: Shooter, url: str) -> None:
    site.serve("/to", redirect(url.encode("ascii", "ignore").decode()))
    error = guarded.refused(url=site.home + "/to", timeout=6000)
    assert error.status in (400, 502), error.code


@pytest.mark.parametrize("url", MALFORMED)
def test_a_frame_with_a_malformed_host_leaves_its_page_alone(site: Farm, guarded: Shooter, url: str) -> None:
    site.serve("/frame", html(f"<h1>around</h1><iframe src='{url}'></iframe>"))
    result = guarded.shoot(url=site.home + "/frame", format="text", wait_until="load", timeout=6000)
    assert result.report.target.status == 200
    assert b"around" in result.artifact.data
    # A page that its frame's refusal replaced, or a document that is asked for next, would show the guard's.
    assert guarded.shoot(url=site.home + "/green", format="text").report.target.status == 200
