"""Consent banners are gone from the picture, however and whenever they come, and pages keep their content.

The markup of the commercial managers is rebuilt, with the ids and classes that their rules look for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from look import GREEN
from origins import Origins
from PIL import Image

from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.request import parse
from stillframe.result import CaptureResult
from stillframe.service import capture
from stillframe.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Runtime]:
    runtime = Runtime(Settings(egress_allow="127.0.0.0/8,localhost", workers=1))
    yield runtime
    runtime.run(runtime.close())


MANAGERS = [
    "onetrust",
    "cookiebot",
    "didomi",
    "quantcast",
    "trustarc",
    "usercentrics",
    "complianz",
    "borlabs",
    "klaro",
    "osano",
    "tarteaucitron",
    "nobodys",
]
# How a banner comes: at once, two seconds late, in a shadow tree, in a frame.
WAYS = ["", "&after=2000", "&place=shadow", "&place=frame&after=500"]


def taken(browser: Runtime, site: Origins, query: str, **options: object) -> CaptureResult:
    url = f"{site.urls['main']}/consent.html?{query}"
    request = parse({"url": url, "window_width": 640, "window_height": 400, **options})
    return browser.run(capture(request, LOCAL, browser=browser))


def is_clear(result: CaptureResult) -> bool:
    image = Image.open(io.BytesIO(result.artifact.data)).convert("RGB")
    places = [(600, 100), (320, 200), (600, 380), (20, 340)]
    return all(image.getpixel(place) == GREEN for place in places)


def finds_banner(result: CaptureResult) -> bool:
    return "banner" in [finding.code for finding in result.report.verdict.findings]


@pytest.mark.parametrize(
    ("manager", "way"),
    [(manager, way) for n, manager in enumerate(MANAGERS) for way in ("", WAYS[1 + n % 3])],
)
def test_a_banner_is_seen_when_nobody_asks(browser: Runtime, site: Origins, manager: str, way: str) -> None:
    result = taken(browser, site, f"manager={manager}{way}")
    assert not is_clear(result)
    assert finds_banner(result)


@pytest.mark.parametrize(
    ("manager", "way"),
    [(manager, way) for n, manager in enumerate(MANAGERS) for way in ("", WAYS[1 + n % 3])],
)
def test_a_banner_is_gone(browser: Runtime, site: Origins, manager: str, way: str) -> None:
    result = taken(browser, site, f"manager={manager}{way}", block_cookie_banners="reject")
    assert is_clear(result)
    assert not finds_banner(result)
    assert result.report.facts["consent"]["outcome"] in ("answered", "hidden"), result.report.facts


@pytest.mark.parametrize(
    ("mode", "pressed"), [("reject", "Reject All"), ("accept", "Accept All"), ("hide", "")]
)
def test_the_mode_decides_what_is_pressed(browser: Runtime, site: Origins, mode: str, pressed: str) -> None:
    result = taken(browser, site, "manager=onetrust", block_cookie_banners=mode)
    assert is_clear(result)
    assert [e.query["what"] for e in site.requests("/event")] == ([pressed] if pressed else [])
    consent = result.report.facts["consent"]
    assert consent["outcome"] == ("answered" if pressed else "hidden")
    # A button that accepts may be pressed before autoconsent has looked.
    assert consent["manager"] in ({"Onetrust", None} if mode == "accept" else {"Onetrust"})


def test_the_page_can_be_scrolled_after_the_banner(browser: Runtime, site: Origins) -> None:
    result = taken(browser, site, "manager=osano", block_cookie_banners="reject", full_page=True)
    assert result.artifact.height == 1200


INNOCENT = {
    "recipe": "<main><section class='cookie-list cookie-consent'>Cookies"
    "<button>Accept all</button></section>",
    "application": "<div style='position:fixed;inset:0;z-index:5'><main>privacy cookies consent"
    "<button>Accept</button></main></div>",
    "navigation": "<nav style='position:sticky;top:0'><a href=/privacy>Privacy</a>"
    "<a href=/cookies>Cookies</a></nav><p>Text</p>",
    "article": "<article><h1>The consent of the governed</h1><p>Cookies and GDPR.</p>"
    "<button>Continue</button>",
    "advert": "<main class='ad-free advertisement-policy'><h1>Advertising policy</h1>"
    "<p>banner ads</p></main>",
}


@pytest.mark.parametrize("name", INNOCENT)
def test_a_page_merely_about_it_is_the_same_picture(browser: Runtime, name: str) -> None:
    html = f"<!doctype html><style>body{{overflow:hidden}}</style><body>{INNOCENT[name]}"
    pictures = []
    names = ("block_cookie_banners", "block_popups", "block_ads", "block_annoyances", "block_chats")
    for blocks in (False, True):
        options = dict.fromkeys(names, blocks)
        request = parse({"html_content": html, "window_width": 320, "window_height": 240, **options})
        result = browser.run(capture(request, LOCAL, browser=browser))
        assert not finds_banner(result)
        pictures.append(Image.open(io.BytesIO(result.artifact.data)).convert("RGB").tobytes())
    assert pictures[0] == pictures[1]
