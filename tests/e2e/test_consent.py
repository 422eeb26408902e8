"""Consent banners are gone from the picture, however and whenever they come, and pages keep their content.

The markup of the commercial managers is rebuilt, with the ids and classes that their rules look for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from innocent_pages import INNOCENT
from look import GREEN
from origins import Origins
from PIL import Image

from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.request import parse
from stillframe.result import CaptureResult
from stillframe.service import capture
from stillframe.settings import Settings
from stillframe.steps.consent_engine import ConsentEngine

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


# Published packages, as recorded in site/managers.
PACKAGES = ("osano", "klaro", "tarteaucitron", "vanilla")


def pixels(browser: Runtime, site: Origins, query: str, **options: object) -> bytes:
    url = f"{site.urls['main']}/managers.html?{query}"
    request = parse({"url": url, "window_width": 640, "window_height": 400, **options})
    result = browser.run(capture(request, LOCAL, browser=browser))
    return Image.open(io.BytesIO(result.artifact.data)).convert("RGB").tobytes()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("manager", PACKAGES)
def test_the_banner_of_a_published_manager_is_gone(
    browser: Runtime, site: Origins, manager: str, way: str
) -> None:
    bare = pixels(browser, site, f"manager=none{way}")
    assert pixels(browser, site, f"manager={manager}{way}") != bare
    assert pixels(browser, site, f"manager={manager}{way}", block_cookie_banners="reject") == bare


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[ConsentEngine]:
    """Every autoconsent that a capture has sent to its page."""
    engines: list[ConsentEngine] = []
    open_engine = ConsentEngine.open

    async def open_and_note(engine: ConsentEngine) -> None:
        engines.append(engine)
        await open_engine(engine)

    monkeypatch.setattr(ConsentEngine, "open", open_and_note)
    return engines


def rendered(browser: Runtime, html: str, **options: object) -> CaptureResult:
    request = parse({"html_content": html, "window_width": 320, "window_height": 240, **options})
    return browser.run(capture(request, LOCAL, browser=browser))


@pytest.mark.parametrize("name", sorted(INNOCENT.keys() - {"recipe", "cookbook"}))
def test_autoconsent_is_not_sent_to_a_page_without_a_banner(
    browser: Runtime, opened: list[ConsentEngine], name: str
) -> None:
    rendered(browser, f"<!doctype html><body>{INNOCENT[name]}", block_cookie_banners="reject")
    assert opened == []


@pytest.mark.parametrize("way", ["", "&after=2000"])
def test_autoconsent_is_sent_once_to_a_page_with_a_banner(
    browser: Runtime, site: Origins, opened: list[ConsentEngine], way: str
) -> None:
    result = taken(browser, site, f"manager=klaro{way}", block_cookie_banners="reject")
    assert len(opened) == 1
    assert result.report.facts["consent"]["outcome"] == "answered"
    assert result.report.facts["consent"]["manager"] == "Klaro"


def test_a_wait_is_over_for_what_is_behind_a_banner(browser: Runtime) -> None:
    html = """<!doctype html><body><script>
        const BANNER = `<div id=onetrust-banner-sdk style="position:fixed;bottom:0">We use cookies
            <button id=onetrust-reject-all-handler onclick=answer()>Reject All</button></div>`;
        const answer = () => { document.body.innerHTML = '<p id=behind>Content</p>'; };
        setTimeout(() => { document.body.innerHTML = BANNER; }, 600);
    </script>"""
    result = rendered(
        browser, html, block_cookie_banners="reject", wait_for_selector="#behind", format="text"
    )
    assert result.report.warnings == []
    assert result.artifact.data.strip() == b"Content"


@pytest.mark.parametrize("sandbox", ["", "sandbox=allow-scripts"])
def test_a_banner_in_a_frame_of_another_origin_is_answered(browser: Runtime, sandbox: str) -> None:
    document = """<!doctype html><body style='margin:0;background:rgb(0,160,0)'>
        <div id=piano-cookie_banner style='height:240px;background:red'>
        <button data-close-button onclick='this.parentNode.remove()'>Close</button></div>"""
    address = f"data:text/html,{quote(document)}"
    html = f"""<!doctype html><body style="margin:0;background:rgb(0,160,0)">
        <iframe {sandbox} style="border:0;width:320px;height:240px" src="{address}"></iframe>"""
    result = rendered(browser, html, block_cookie_banners="reject")
    image = Image.open(io.BytesIO(result.artifact.data)).convert("RGB")
    assert image.getpixel((160, 120)) == GREEN
    assert result.report.facts["consent"]["manager"] == "piano.io"


def test_a_frame_that_is_the_page_stays_when_a_banner_goes(browser: Runtime, site: Origins) -> None:
    html = (
        "<!doctype html><iframe style='position:fixed;inset:0;width:100%;height:100%;border:0'"
        " srcdoc='<body style=background:rgb(0,160,0)>'></iframe><div role=dialog style='position:fixed;"
        "bottom:0;left:0;right:0;height:70px;background:red'>We use cookies <button>Reject all</button></div>"
    )
    request = parse(
        {"html_content": html, "block_cookie_banners": "hide", "window_width": 320, "window_height": 240}
    )
    result = browser.run(capture(request, LOCAL, browser=browser))
    image = Image.open(io.BytesIO(result.artifact.data)).convert("RGB")
    assert [image.getpixel(at) for at in ((160, 120), (160, 220))] == [GREEN, GREEN]


@pytest.mark.parametrize("name", INNOCENT)
def test_a_page_merely_about_it_is_the_same_picture(browser: Runtime, name: str) -> None:
    html = f"<!doctype html><style>body{{overflow:hidden}}</style><body>{INNOCENT[name]}"
    pictures = []
    names = (
        "block_cookie_banners",
        "block_popups",
        "block_ads",
        "block_trackers",
        "block_annoyances",
        "block_chats",
        "block_socials",
    )
    for blocks in (False, True):
        options = dict.fromkeys(names, blocks)
        request = parse({"html_content": html, "window_width": 320, "window_height": 240, **options})
        result = browser.run(capture(request, LOCAL, browser=browser))
        assert not finds_banner(result)
        pictures.append(Image.open(io.BytesIO(result.artifact.data)).convert("RGB").tobytes())
    assert pictures[0] == pictures[1]
