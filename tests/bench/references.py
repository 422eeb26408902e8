"""Reference pictures: three loads of each page, each captured after five seconds of real time."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser

from .corpus import CACHE, BenchPage
from .floor import VIEW, hide_caret, page_height, shoot, undisturbed
from .pictures import same

PATIENCE = 5.0
_TIMES = 3
_SLOW_SCROLL = """async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (let y = innerHeight; y < document.scrollingElement.scrollHeight && y < 30000; y += innerHeight) {
    scrollTo({ top: y, behavior: 'instant' });
    await wait(150);
  }
  scrollTo({ top: 0, behavior: 'instant' });
}"""


async def references(
    browser: Browser, base: str, pages: list[BenchPage], *, full: bool
) -> dict[str, list[bytes]]:
    """Three pictures of each page, kept in the cache; equal ones mean that the page is deterministic."""
    gate = asyncio.Semaphore(6)

    async def one(page: BenchPage, number: int) -> bytes:
        kind = "full" if full else "view"
        file = CACHE / "references" / browser.version / kind / f"{page.name.replace('/', '+')}.{number}.png"
        if not file.exists():
            async with gate:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(await undisturbed(_patient, browser, base + page.path, full))
        return file.read_bytes()

    taken = await asyncio.gather(*(one(page, n) for n in range(_TIMES) for page in pages))
    return {page.name: list(taken[i :: len(pages)]) for i, page in enumerate(pages)}


async def _patient(browser: Browser, url: str, full: bool) -> bytes:
    context = await browser.new_context(viewport=VIEW, service_workers="block")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(url, wait_until="load")
    if full:
        await page.evaluate(_SLOW_SCROLL)
    await asyncio.sleep(PATIENCE)
    cdp = await context.new_cdp_session(page)
    await hide_caret(cdp)
    data = await shoot(cdp, height=await page_height(page) if full else None, beyond=False)
    await context.close()
    return data


def deterministic(pictures: list[bytes]) -> bool:
    return all(same(picture, pictures[0]) for picture in pictures[1:])
