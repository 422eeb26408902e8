"""Full pages and elements of generated pages, against Chromium's own pictures of a window that holds all.

GENERATED_PAGES sets how many pages are made, GENERATED_FROM the number of the first, and GENERATED_KEEP a
directory for the pictures of pages that differ.
"""

from __future__ import annotations

import asyncio
import base64
import io
import math
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generated_pages import VIEW, Page, make
from PIL import Image, ImageChops
from playwright.async_api import BrowserContext, async_playwright
from playwright.async_api import Page as BrowserPage
from servers import Handler, HttpServer

from stillframe.browser.chromium_path import find_chromium
from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.request import parse
from stillframe.result import CaptureResult
from stillframe.service import capture
from stillframe.settings import Settings

FIRST = int(os.environ.get("GENERATED_FROM", "1"))
COUNT = int(os.environ.get("GENERATED_PAGES", "30"))
KEEP = os.environ.get("GENERATED_KEEP")
# Share of pixels that may differ by more than the tolerance: edges at fractions of a pixel.
TOLERANCE, SHARE = 6, 0.001
# Takes the page of an address: the whole of it, and its elements.
Patient = Callable[[str, Page], tuple[bytes, dict[str, bytes]]]
# The largest window that the truth may need.
LARGEST = 9_000

# The height and width at which nothing scrolls any more, in the page and in the areas that are the page.
GROWN = """() => {
  const below = (e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])];
  const all = (root) => [...root.querySelectorAll('*')].flatMap(below);
  const page = document.scrollingElement;
  const areas = all(document).filter((e) => e.classList.contains('grows'));
  if (getComputedStyle(document.documentElement).overflowX === 'hidden') areas.push(document.body);
  // An area of a fixed height does not grow with the window.
  const fixed = areas.find((e) => e.style.height.includes('--inner'));
  const { style } = document.documentElement;
  style.removeProperty('--inner');
  if (fixed) style.setProperty('--inner', `${fixed.scrollHeight}px`);
  const extra = Math.max(0, ...areas.map((e) => e.scrollHeight - e.clientHeight));
  const wide = areas.length ? 0 : page.scrollWidth - innerWidth;
  return [innerWidth + Math.max(0, wide), Math.max(innerHeight + extra, page.scrollHeight)];
}"""


class Site(HttpServer):
    """The generated pages on 127.0.0.1; `localhost` is the other site."""

    def __init__(self) -> None:
        super().__init__(_Answers)
        self.other = f"http://localhost:{self.port}"

    def page(self, number: int) -> Page:
        return make(number, self.other)


class _Answers(Handler):
    server: Site

    def answer(self, path: str) -> None:
        self.send(self.server.page(int(path.strip("/"))).html.encode())

    def answer_inner(self, rest: str) -> None:
        colour = self.seen.query["colour"]
        self.send(f"<!doctype html><body style='margin:0;background:{colour}'>".encode())

    def answer_image(self, rest: str) -> None:
        rgb = bytes(int(c) for c in self.seen.query["rgb"].split(","))
        self.send(_png(rgb), "image/png")

    def answer_favicon(self, rest: str) -> None:
        self.send(b"", status=404)


def _png(rgb: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" + rgb))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Runtime]:
    runtime = Runtime(Settings(egress_allow="127.0.0.0/8,localhost", workers=1))
    yield runtime
    runtime.run(runtime.close())


@pytest.fixture(scope="module")
def patient() -> Iterator[Patient]:
    """A plain Chromium that takes the truth, in a new context for each page."""
    loop = asyncio.new_event_loop()
    playwright = loop.run_until_complete(async_playwright().start())
    arguments = ["--hide-scrollbars", "--disable-gpu"]
    launch = playwright.chromium.launch(executable_path=str(find_chromium("")), args=arguments)
    chromium = loop.run_until_complete(launch)

    async def take(url: str, made: Page) -> tuple[bytes, dict[str, bytes]]:
        context = await chromium.new_context(viewport=VIEW)  # type: ignore[arg-type]
        try:
            return await _truth(context, url, made)
        finally:
            await context.close()

    yield lambda url, made: loop.run_until_complete(take(url, made))
    loop.run_until_complete(chromium.close())
    loop.run_until_complete(playwright.stop())
    loop.close()


async def _grow(page: BrowserPage, page_made: Page) -> tuple[list[int], int]:
    """Grow the window until nothing scrolls; its size, and the width of the page."""
    size = [VIEW["width"], VIEW["height"]]
    await page.set_viewport_size(VIEW)  # type: ignore[arg-type]
    vertical = page_made.flow.startswith("vertical")
    for _ in range(12):
        wide, high = await page.evaluate(GROWN)
        wanted = [wide if vertical else size[0], size[1] if vertical else high]
        if wanted == size:
            return size, wide
        size = wanted
        assert max(size) < LARGEST
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.wait_for_timeout(80)
    raise AssertionError("the window of the truth does not come to rest")


async def _truth(context: BrowserContext, url: str, page_made: Page) -> tuple[bytes, dict[str, bytes]]:
    """The page and its elements in a window that has grown until nothing scrolls."""
    page = await context.new_page()
    await page.goto(url)
    # What comes late may make the page smaller or larger.
    await page.wait_for_timeout(500)
    # Once more where sizes were estimated: a window does not shrink with what it holds.
    for _ in range(2 if "content-visibility" in page_made.html else 1):
        size, wide = await _grow(page, page_made)
    await page.wait_for_timeout(450)
    await page.evaluate("scrollTo(0, 0)")
    session = await context.new_cdp_session(page)
    beyond: dict[str, Any] = {}
    if page_made.options.get("full_page_width") and wide > size[0]:
        clip = {"x": 0, "y": 0, "width": wide, "height": size[1], "scale": 1}
        beyond = {"captureBeyondViewport": True, "clip": clip}
    shot = before = None
    for _ in range(8):
        await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        shot = await session.send("Page.captureScreenshot", beyond)
        if shot == before:
            break
        before = shot
    assert shot == before, "the truth does not come to rest"
    whole, elements = base64.b64decode(shot["data"]), {}
    for name in page_made.elements:
        element = page.locator(name)
        if not await element.is_visible():
            continue
        if page_made.flow == "rtl" and beyond:
            # Playwright 1.65 takes a page that begins at the right from where its scroll position is 0.
            elements[name] = _cut(whole, await element.bounding_box(), wide - size[0])
        else:
            elements[name] = await element.screenshot(animations="allow")
    return whole, elements


def _cut(whole: bytes, box: Any, left: int) -> bytes:
    """The part of a picture that an element's box shows; `left` is where the window lies in it."""
    x, y = box["x"] + left, box["y"]
    right, bottom = math.ceil(x + box["width"] - 0.001), math.ceil(y + box["height"] - 0.001)
    part = Image.open(io.BytesIO(whole)).crop((math.floor(x), math.floor(y), right, bottom))
    part.save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


def _take(browser: Runtime, url: str, **options: Any) -> CaptureResult:
    request = {"url": url, "window_width": VIEW["width"], "window_height": VIEW["height"], "timeout": 30_000}
    return asyncio.run(capture(parse(request | options), LOCAL, browser=browser))


def _differs(ours: bytes, truth: bytes) -> str:
    """How two pictures differ, or an empty text."""
    a, b = (Image.open(io.BytesIO(data)).convert("RGB") for data in (ours, truth))
    if a.size != b.size:
        return f"{a.size} instead of {b.size}"
    worst = Image.new("L", a.size)
    for band in ImageChops.difference(a, b).split():
        worst = ImageChops.lighter(worst, band)
    mask = worst.point(lambda v: 255 if v > TOLERANCE else 0)
    share = mask.histogram()[255] / (a.width * a.height)
    return f"{share:.2%} of the pixels in {mask.getbbox()}" if share > SHARE else ""


def compare(browser: Runtime, site: Site, number: int, patient: Patient) -> list[str]:
    """What differs on the page of a number."""
    made = site.page(number)
    url = f"{site.url}/{number}{made.fragment}"
    whole, elements = patient(f"{site.url}/{number}", made)
    found = []
    for name, truth in {"": whole, **elements}.items():
        options = {"selector": name} if name else {"full_page": True} | made.options
        ours = _take(browser, url, **options)
        if (difference := _differs(ours.artifact.data, truth)) != "":
            found.append(f"{name or 'full page'}: {difference}")
            if KEEP:
                stem = Path(KEEP) / f"{number}{name.replace('#', '-')}"
                stem.with_suffix(".ours.png").write_bytes(ours.artifact.data)
                stem.with_suffix(".truth.png").write_bytes(truth)
                stem.with_suffix(".html").write_text(made.html)
    return found


@pytest.mark.parametrize("number", range(FIRST, FIRST + COUNT))
def test_a_generated_page_is_captured_as_a_window_that_holds_all_shows_it(
    number: int, site: Site, browser: Runtime, patient: Patient
) -> None:
    made = site.page(number)
    assert compare(browser, site, number, patient) == [], (
        made.shell,
        made.flow,
        made.fragment,
    )


def test_a_number_gives_the_same_page_again() -> None:
    assert make(7, "http://other").html == make(7, "http://other").html
    assert make(7, "http://other").html != make(8, "http://other").html


def test_the_comparison_sees_a_difference() -> None:
    def picture(colour: str, size: tuple[int, int] = (50, 50)) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", size, colour).save(buffer, "PNG")
        return buffer.getvalue()

    assert _differs(picture("red"), picture("red")) == ""
    assert "100.00%" in _differs(picture("red"), picture("blue"))
    assert "instead of" in _differs(picture("red"), picture("red", (50, 51)))
