"""Header and footer of a PDF: dates and images filled into the templates, and the margins that they need."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..options import Options, option
from ..page import binary
from ..page.assets import page_script
from ..page.session import PageSession, is_playwright, is_timeout
from . import page_rules
from .paper import Paper

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

# Limits of the images in both templates: how many, and bytes and milliseconds for each.
_MAX_IMAGES, _MAX_IMAGE_BYTES, _IMAGE_MS = 20, 2_000_000, 3_000
_CHUNK = 1_000_000
# Milliseconds for preparing the templates, apart from their images.
_PREPARE_MS = 3_000
# CSS pixels from the edge of the paper, which Chromium's template page has (15pt), and to the text.
_EDGE, _GAP = 20, 8
# 12px are 9pt on paper. Backgrounds of templates are left out without the last property.
_STYLE = (
    "font: 12px sans-serif; width: 100%; box-sizing: border-box; padding: 0 10mm;"
    " -webkit-print-color-adjust: exact"
)


class HeaderFooterOptions(Options, group="pdf"):
    pdf_header: str | None = option(
        None,
        "HTML of the page header; the classes date, title, url, pageNumber and totalPages are filled in. The"
        " top margin grows to its height.",
        secret=True,
        max_length=20_000,
        shareable=True,
        linkable=True,
        per_output=True,
        hints={"widget": "code"},
    )
    pdf_footer: str | None = option(
        None,
        "HTML of the page footer, with the classes of `pdf_header`.",
        secret=True,
        max_length=20_000,
        shareable=True,
        linkable=True,
        per_output=True,
        hints={"widget": "code"},
    )


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates for Chromium, and the heights in CSS pixels that they take at the top and the bottom."""

    header: str
    footer: str
    top: float
    bottom: float

    def arguments(self) -> dict[str, Any]:
        """The arguments of Playwright's `page.pdf`."""
        return {
            "display_header_footer": True,
            "header_template": self.header,
            "footer_template": self.footer,
        }

    async def make_room(self, session: PageSession, paper: Paper) -> None:
        """Make the margins as large as header and footer; a margin of the request that grows is a warning."""
        own = await page_rules.own_margins(session)
        for side, needed in (("top", self.top), ("bottom", self.bottom)):
            given = paper.margins[side] if side in paper.named else own.get(side, 0.0)
            if given >= needed:
                continue
            paper.margins[side] = needed
            if side in paper.named and given:
                text = f"pdf_margin_{side} was raised to {needed:.0f} px for the text in it."
                session.report.warn("margin_raised", text)
            paper.named.add(side)


async def prepare(session: PageSession, options: HeaderFooterOptions, width: float) -> Templates:
    """Fill the templates and measure them on paper of this width in CSS pixels.

    Scripts of a template do not run: Chromium does not run them either.
    """
    page = await session.page.context.new_page()
    try:
        await page.set_viewport_size({"width": max(1, round(width)), "height": 1})
        templates = [options.pdf_header or "", options.pdf_footer or ""]
        call: dict[str, Any] = {"templates": templates, "base": session.page.url}
        script = page_script("outputs/assets/header_footer.js")
        seen = await session.deadline.run(page.evaluate(script, call), "shoot", _PREPARE_MS)
        if seen["addresses"]:
            call["images"] = await _images(session, seen["addresses"])
            seen = await session.deadline.run(page.evaluate(script, call), "shoot", _PREPARE_MS)
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Emulation.setScriptExecutionDisabled", {"value": True})
        filled = [_readable(text) for text in seen["filled"]]
        heights = [await _height(session, page, cdp, text) for text in filled]
        return Templates(filled[0], filled[1], heights[0], heights[1])
    finally:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await page.close(run_before_unload=False)


def _readable(template: str) -> str:
    """A template in a font, because templates do not inherit the styles of the page.

    https://github.com/puppeteer/puppeteer/issues/1853
    """
    return f'<div style="{_STYLE}">{template}</div>' if template else "<span></span>"


async def _height(session: PageSession, page: Page, cdp: CDPSession, template: str) -> float:
    """The space in CSS pixels that a template takes from the edge of the paper."""
    if template == "<span></span>":
        return 0.0
    loading = page.set_content(f"<!doctype html><body style='margin:0'>{template}", wait_until="load")
    await session.deadline.run(loading, "shoot", _PREPARE_MS)
    metrics = await session.deadline.run(cdp.send("Page.getLayoutMetrics"), "shoot", _PREPARE_MS)
    return _EDGE + float(metrics["cssContentSize"]["height"]) + _GAP


async def _images(session: PageSession, addresses: list[str]) -> dict[str, str]:
    """The images as data URLs by their address, because Chromium prints no others in a template.

    https://github.com/puppeteer/puppeteer/issues/2443
    """
    tree = await session.cdp.send("Page.getFrameTree")
    frame = tree["frameTree"]["frame"]["id"]
    wanted = addresses[:_MAX_IMAGES]
    loaded = await asyncio.gather(*(_image(session, frame, address) for address in wanted))
    found = {address: image for address, image in zip(wanted, loaded, strict=True) if image}
    if missing := len(addresses) - len(found):
        session.report.warn("header_image_missing", f"{missing} images of header and footer did not load.")
    return found


async def _image(session: PageSession, frame: str, address: str) -> str | None:
    try:
        cap = session.deadline.share(0.3, _IMAGE_MS)
        return await session.deadline.run(_load_image(session, frame, address), "shoot", cap)
    except Exception as error:
        if session.page.is_closed() or not (is_timeout(error) or is_playwright(error)):
            raise
        return None


async def _load_image(session: PageSession, frame: str, address: str) -> str | None:
    """Load it by the browser, so that it comes through the egress guard like the page's own images."""
    request = {
        "frameId": frame,
        "url": address,
        "options": {"disableCache": False, "includeCredentials": True},
    }
    found = (await session.cdp.send("Network.loadNetworkResource", request))["resource"]
    if not found["success"] or found.get("httpStatusCode", 200) >= 400:
        return None
    data = bytearray()
    while True:
        part = await session.cdp.send("IO.read", {"handle": found["stream"], "size": _CHUNK})
        data += binary.decode(part["data"]) if part.get("base64Encoded") else part["data"].encode()
        if len(data) > _MAX_IMAGE_BYTES:
            data.clear()
        if part["eof"] or not data:
            break
    with contextlib.suppress(Exception):
        await session.cdp.send("IO.close", {"handle": found["stream"]})
    if not data:
        return None
    headers = {name.lower(): value for name, value in found.get("headers", {}).items()}
    kind = headers.get("content-type", "").partition(";")[0].strip() or "image/png"
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
