"""The floor: bare Playwright on a warm shared context, and the least that a capture must do."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from stillframe.browser.chromium_path import find_chromium
from stillframe.browser.switches import RENDERING
from stillframe.deadline import Deadline
from stillframe.page.session import PageSession
from stillframe.result import CaptureReport

T = TypeVar("T")
VIEW = {"width": 1280, "height": 720}


@contextlib.asynccontextmanager
async def bare_browser(*, whole: bool = False) -> AsyncIterator[Browser]:
    """Chromium as Playwright launches it, without Stillframe.

    `whole`: full pages can be captured without the resize of captureBeyondViewport. Many pages react to a
    resize, and no visitor causes one, so it would falsify a comparison.
    """
    arguments = [argument for argument in RENDERING if "blink-settings" in argument] if whole else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


async def shoot(
    cdp: CDPSession, format: str = "png", *, height: float | None = None, beyond: bool = True
) -> bytes:
    """The quickest picture of that format by CDP; `height` makes it the whole page."""
    if format == "pdf":
        answer = await cdp.send("Page.printToPDF", {"printBackground": True})
        return base64.b64decode(answer["data"])
    params: dict[str, Any] = {"format": format}
    params |= {"optimizeForSpeed": True} if format == "png" else {"quality": 90}
    if height is not None:
        params["clip"] = {"x": 0, "y": 0, "width": VIEW["width"], "height": height, "scale": 1}
        params["captureBeyondViewport"] = beyond
    return base64.b64decode((await cdp.send("Page.captureScreenshot", params))["data"])


async def undisturbed(work: Callable[..., Awaitable[T]], *arguments: Any) -> T:
    """Run once more what Chromium broke off.

    An interface of the machine came or went, or a bare browser among five drew no frame in time.
    """
    try:
        return await work(*arguments)
    except Exception as error:
        if not any(words in str(error) for words in ("ERR_NETWORK_CHANGED", "Unable to capture screenshot")):
            raise
        return await work(*arguments)


async def page_height(page: Page) -> float:
    height: float = await page.evaluate("document.scrollingElement.scrollHeight")
    return min(height, 40_000_000 / VIEW["width"])


async def hide_caret(cdp: CDPSession) -> None:
    """A blinking caret is in every second picture; the product hides it, so a comparison does."""
    style = (
        "document.head?.append(Object.assign(document.createElement('style'), {textContent:"
        " '*{caret-color:transparent!important}'}))"
    )
    await cdp.send("Runtime.evaluate", {"expression": style})


SCROLL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  for (let y = innerHeight; y < document.scrollingElement.scrollHeight; y += innerHeight) {
    scrollTo({ top: y, behavior: 'instant' });
    await frame();
  }
  scrollTo({ top: 0, behavior: 'instant' });
  await frame();
}"""


async def capture(
    context: BrowserContext, url: str, format: str = "png", *, full: bool = False
) -> tuple[float, bytes]:
    """rawA: new page, load, (one scroll,) fast picture, close; seconds and bytes."""
    started = time.perf_counter()
    page = await context.new_page()
    await page.goto(url, wait_until="load")
    if full:
        await page.evaluate(SCROLL)
    cdp = await context.new_cdp_session(page)
    data = await shoot(cdp, format, height=await page_height(page) if full else None)
    await page.close()
    return time.perf_counter() - started, data


async def leased(context: BrowserContext) -> PageSession:
    """A page with what our steps need, outside our own pool."""
    page = await context.new_page()
    session = PageSession(page, await context.new_cdp_session(page), Deadline.after(60), CaptureReport())
    page.on("request", lambda _: session.network.started())
    page.on("requestfinished", lambda _: session.network.ended())
    page.on("requestfailed", lambda _: session.network.ended())
    page.on("websocket", lambda _: setattr(session.network, "websockets", session.network.websockets + 1))
    return session
