"""A settled page looks as after a patient wait, on every kind of page that virtual time could get wrong."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.async_api import Browser, async_playwright
from pypdf import PdfReader
from settle_site import Site

from stillframe.browser.chromium_path import find_chromium
from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.request import parse
from stillframe.result import CaptureResult
from stillframe.service import capture
from stillframe.settings import Settings

VIEW = {"width": 800, "height": 600}
# Seconds of real time in which every page of the site has come to rest, but those of AT_ONCE.
PATIENCE = 6.5

SETTLES = [
    "animation",
    "busy_wait",
    "busy_wait_date",
    "date",
    "delayed_fetch",
    "dialog",
    "fetch_chain",
    "iframe",
    "iframe_cross",
    "indexed_db",
    "lazy_images",
    "microtasks",
    "navigation",
    "navigation_cross",
    "navigation_late",
    "polling",
    "raf_counter",
    "raf_time",
    "reveal",
    "scheduler",
    "service_worker",
    "slow_answer",
    "slow_download",
    "spinner",
    "timers",
    "transition",
    "transition_chain",
    "transition_late",
    "web_animation",
    "websocket",
    "websocket_late",
    "worker",
    "worker_fetch",
    "endless_fetch",
]
# Requests that never end: what is reported is that they were left behind.
LEAVES_REQUESTS = ["event_source", "hanging_image", "long_poll", "no_load", "video"]
# Requests that never end and without which Chromium parses or draws nothing more.
BLOCKED = ["hanging_style", "hanging_head_style", "hanging_import", "hanging_script"]
# Requests that never end and that Chromium waits for when it prints.
PRINT_WAITS = [
    "hanging_image",
    "late_hanging_image",
    "late_hanging_font",
    "late_hanging_frame",
    "late_beacons",
    "lazy_never",
]
VIEW_TRANSITIONS = [
    "view_transition",
    "view_transition_load",
    "view_transition_late",
    "view_transition_slow",
    "view_transition_never",
    "view_transition_again",
    "view_transition_ready",
    "view_transition_cross",
]
NAVIGATES_FOREVER = [
    "refresh_second",
    "refresh_at_once",
    "reload_second",
    "reload_loaded",
    "reload_inline",
    "navigation_endless",
    "navigation_hanging",
]
FULL_PAGE = ["lazy_images", "scroll_reveal", "scroll_grows"]
REFERENCES = [*SETTLES, *LEAVES_REQUESTS, "message_loop"]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Runtime]:
    runtime = Runtime(Settings(egress_allow="127.0.0.0/8,localhost", workers=2))
    yield runtime
    runtime.run(runtime.close())


@pytest.fixture(scope="module")
def references(site: Site) -> dict[str, bytes]:
    """The picture that a visitor sees after waiting, taken by plain Playwright in real time."""
    return asyncio.run(_wait_patiently(site))


async def _wait_patiently(site: Site) -> dict[str, bytes]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=str(find_chromium("")))
        jobs: list[Coroutine[Any, Any, bytes]] = [
            _patient(chromium, site.page(name), full=False) for name in REFERENCES
        ]
        jobs += [_patient(chromium, site.page(name), full=True) for name in FULL_PAGE]
        pictures: list[bytes] = []
        while jobs:
            batch, jobs = jobs[:15], jobs[15:]
            pictures += await asyncio.gather(*batch)
        await chromium.close()
    names = [*REFERENCES, *(f"{name} (full)" for name in FULL_PAGE)]
    return dict(zip(names, pictures, strict=True))


async def _patient(chromium: Browser, url: str, *, full: bool) -> bytes:
    context = await chromium.new_context(viewport=VIEW, service_workers="block")  # type: ignore[arg-type]
    page = await context.new_page()
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.dismiss()))
    await page.goto(url, wait_until="commit")
    if full:
        await asyncio.sleep(0.5)
        for _ in range(12):
            await page.mouse.wheel(0, 600)
            await asyncio.sleep(0.25)
        await page.evaluate("scrollTo(0, 0)")
    await asyncio.sleep(PATIENCE)
    session = await context.new_cdp_session(page)
    if full:
        height = await page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": VIEW["width"], "height": height, "scale": 1}
        taken = await session.send("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    else:
        taken = await session.send("Page.captureScreenshot")
    await context.close()
    import base64

    return base64.b64decode(taken["data"])


def take(browser: Runtime, url: str, **options: Any) -> CaptureResult:
    request = {
        "url": url,
        "window_width": 800,
        "window_height": 600,
        "wait_for_timeout": 1500,
        "timeout": 30_000,
    }
    result = asyncio.run(capture(parse(request | options), LOCAL, browser=browser))
    if any("ERR_NETWORK_CHANGED" in failure["reason"] for failure in result.report.failed_requests.items):
        # An interface came or went on the machine, which is no matter of the page.
        result = asyncio.run(capture(parse(request | options), LOCAL, browser=browser))
    return result


def codes(result: CaptureResult) -> set[str]:
    return {warning["code"] for warning in result.report.warnings}


def assert_same(taken: bytes, reference: bytes) -> None:
    """Equal but for a rounding of one step in a channel."""
    ours, patient = (Image.open(io.BytesIO(data)).convert("RGB") for data in (taken, reference))
    assert ours.size == patient.size
    largest = max(high for _, high in ImageChops.difference(ours, patient).getextrema())
    assert largest <= 1, f"differs from the patient picture by up to {largest} of 255"


def is_done(data: bytes) -> bool:
    """Whether the page's background says that its work was done."""
    return Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) == (0, 130, 60)


@pytest.mark.parametrize("name", SETTLES)
def test_a_settled_page_equals_a_patient_wait(
    name: str, site: Site, browser: Runtime, references: dict[str, bytes]
) -> None:
    result = take(browser, site.page(name))
    assert result.report.facts["settle"] == {"mode": "virtual", "page_ms": 5000}
    assert_same(result.artifact.data, references[name])


@pytest.mark.parametrize("name", LEAVES_REQUESTS)
def test_an_endless_request_is_abandoned_and_reported(
    name: str, site: Site, browser: Runtime, references: dict[str, bytes]
) -> None:
    result = take(browser, site.page(name))
    assert "network_busy" in codes(result), (result.report.to_json(), result.report.failed_requests)
    assert_same(result.artifact.data, references[name])


@pytest.mark.parametrize("name", BLOCKED)
def test_a_request_that_blocks_drawing_is_aborted_and_reported(
    name: str, site: Site, browser: Runtime
) -> None:
    result = take(browser, site.page(name))
    assert "requests_aborted" in codes(result), result.report.to_json()
    assert result.report.facts["settle"]["mode"] == "virtual"
    assert is_done(result.artifact.data)


@pytest.mark.parametrize("name", PRINT_WAITS)
def test_printing_goes_on_without_a_request_that_never_ends(name: str, site: Site, browser: Runtime) -> None:
    result = take(browser, site.page(name), format="pdf")
    assert "network_busy" in codes(result), result.report.to_json()
    assert "retried" not in result.report.facts
    assert len(PdfReader(io.BytesIO(result.artifact.data)).pages) >= 1


@pytest.mark.parametrize("scroll", [None, False])
def test_a_lazy_image_far_below_is_printed(scroll: bool | None, site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("lazy_far"), format="pdf", scroll_page=scroll)
    assert codes(result) == set()
    pages = PdfReader(io.BytesIO(result.artifact.data)).pages
    assert sum(len(page.images) for page in pages) == 1


@pytest.mark.parametrize("name", VIEW_TRANSITIONS)
@pytest.mark.parametrize("options", [{}, {"full_page": True}, {"wait_until": "load", "delay_capture": 700}])
def test_a_view_transition_shows_its_new_state(
    name: str, options: dict[str, Any], site: Site, browser: Runtime
) -> None:
    if "delay_capture" in options and name == "view_transition_late":
        pytest.skip("it begins after the delay")
    result = take(browser, site.page(name), **options)
    assert "retried" not in result.report.facts
    assert is_done(result.artifact.data)


def test_a_view_transition_that_scrolling_starts_shows_its_new_state(site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("view_transition_scroll"), full_page=True)
    assert is_done(result.artifact.data)


@pytest.mark.parametrize("format", ["png", "pdf"])
@pytest.mark.parametrize("name", NAVIGATES_FOREVER)
def test_a_page_that_navigates_forever_keeps_a_document(
    name: str, format: str, site: Site, browser: Runtime
) -> None:
    result = take(browser, site.page(name), format=format)
    assert "navigation_stopped" in codes(result), result.report.to_json()
    assert "retried" not in result.report.facts
    assert format == "pdf" or is_done(result.artifact.data)


def test_a_page_that_navigates_at_the_end_shows_the_next_document(site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("navigation_end"))
    assert "retried" not in result.report.facts
    assert is_done(result.artifact.data)


def test_a_page_that_stops_the_clock_is_settled_in_real_time(
    site: Site, browser: Runtime, references: dict[str, bytes]
) -> None:
    result = take(browser, site.page("message_loop"))
    assert result.report.facts["settle"]["mode"] == "real"
    assert "clock did not move" in result.report.facts["settle"]["reason"]
    assert_same(result.artifact.data, references["message_loop"])


def test_an_endless_script_is_terminated_and_reported(site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("endless_script"))
    assert "script_ended" in codes(result)
    assert result.report.facts["settle"]["reason"] == "a script did not end"


@pytest.mark.parametrize("name", FULL_PAGE)
def test_a_full_page_is_scrolled_through_and_settled(
    name: str, site: Site, browser: Runtime, references: dict[str, bytes]
) -> None:
    result = take(browser, site.page(name), full_page=True)
    assert result.report.facts["settle"]["mode"] == "virtual"
    assert_same(result.artifact.data, references[f"{name} (full)"])


def test_a_full_page_is_taken_without_a_resize(site: Site, browser: Runtime) -> None:
    outputs = [{"format": "png", "full_page": True}, {"format": "text"}]
    result = take(browser, site.page("resize"), outputs=outputs)
    picture, text = (part.artifact.data for part in result.parts)
    assert Image.open(io.BytesIO(picture)).size == (800, 3000)
    assert text.decode().split() == ["not", "resized"]


@pytest.mark.parametrize("name", ["timers", "endless_script", "message_loop", "worker"])
def test_the_next_page_of_the_shared_context_has_a_running_clock(
    name: str, site: Site, browser: Runtime
) -> None:
    take(browser, site.page(name))
    following = take(
        browser, site.page("timers"), wait_until="load", wait_for_selector="body.done", wait_for_timeout=8000
    )
    assert following.report.facts["isolation"] == "shared"
    assert codes(following) == set()
    assert is_done(following.artifact.data)


def test_concurrent_pages_settle_independently(site: Site, browser: Runtime) -> None:
    async def both() -> list[CaptureResult]:
        plain = {"window_width": 800, "window_height": 600}
        real = plain | {"url": site.page("transition"), "wait_until": "load", "delay_capture": 2500}
        virtual = plain | {"url": site.page("timers")}
        return await asyncio.gather(*(capture(parse(r), LOCAL, browser=browser) for r in (real, virtual)))

    assert all(is_done(result.artifact.data) for result in asyncio.run(both()))


def test_what_a_click_starts_is_settled(site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("click"), interactions=[{"action": "click", "selector": "button"}])
    assert is_done(result.artifact.data)


def test_a_wait_before_settling_passes_in_real_time(site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("timers"), wait_for_selector="body.done", wait_for_timeout=8000)
    assert codes(result) == set()
    assert is_done(result.artifact.data)


def test_delay_capture_passes_in_virtual_time(site: Site, browser: Runtime) -> None:
    early = take(browser, site.page("seven_seconds"))
    late = take(browser, site.page("seven_seconds"), delay_capture=3000)
    assert not is_done(early.artifact.data)
    assert is_done(late.artifact.data)
    assert late.report.facts["settle"]["page_ms"] == 8000


def test_load_alone_does_not_settle(site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("timers"), wait_until="load")
    assert "settle" not in result.report.facts
    assert not is_done(result.artifact.data)


def test_a_page_without_scripts_is_settled(site: Site, browser: Runtime) -> None:
    result = take(browser, site.page("animation"), javascript=False)
    assert codes(result) == set()
    assert result.report.facts["settle"]["mode"] == "virtual"


@pytest.mark.parametrize("format", ["pdf", "html", "mhtml", "text", "webp"])
def test_every_output_can_be_taken_from_a_page_whose_clock_stands_still(
    format: str, site: Site, browser: Runtime
) -> None:
    result = take(browser, site.page("timers"), format=format)
    assert result.artifact.data
    if format in ("html", "text"):
        assert b"done" in result.artifact.data
