"""A PDF of one page that is as high as its content."""

from __future__ import annotations

from ..page import world
from ..page.assets import call_page_script, page_script
from ..page.session import PageSession
from .page_setup import PageSetupOptions, size_of_format
from .paper import MAX_SIDE, Paper, to_px

# Milliseconds for one script that measures or prepares the page.
_SCRIPT_MS = 5_000


async def paper_width(session: PageSession, options: PageSetupOptions) -> float:
    """The width in CSS pixels: that of the paper that the request names, else that of the viewport."""
    if options.pdf_width:
        return to_px(options.pdf_width)
    if options.pdf_format is None and not options.pdf_landscape:
        measuring = world.call(session, "() => innerWidth")
        return float(await session.deadline.run(measuring, "shoot", _SCRIPT_MS))
    width, height = size_of_format(options)
    return max(width, height) if options.pdf_landscape else width


async def fit(session: PageSession, options: PageSetupOptions, paper: Paper) -> None:
    """Make the paper as high as the page's content, laid out for printing at the width of the paper.

    Lengths that depend on the height of the viewport keep what they are on the screen.
    """
    view = world.call(session, "() => innerHeight")
    view_height = int(await session.deadline.run(view, "shoot", _SCRIPT_MS))
    if getattr(options, "media_type", None) != "screen":
        await session.cdp.send("Emulation.setEmulatedMedia", {"media": "print"})
    margins = paper.margins
    width = max(1, round((paper.width - margins["left"] - margins["right"]) / options.pdf_scale))
    height = await _height(session, width, view_height)
    if await _height(session, width, round(height)) > height + 1:
        height = await _keep_heights(session, width, view_height, round(height))
    # One pixel more than the content, whose height may be rounded.
    paper.height = min(MAX_SIDE, height * options.pdf_scale + margins["top"] + margins["bottom"] + 1)


async def _keep_heights(session: PageSession, width: int, view_height: int, paper_height: int) -> float:
    """Fix the lengths that paper of this height would change; the height of the content afterwards."""
    await _resize(session, width, view_height)
    script = page_script("outputs/assets/keep_heights.js")
    kept = await session.deadline.run(world.find(session, script), "shoot", _SCRIPT_MS)
    await _resize(session, width, paper_height)
    if kept is not None:
        applying = world.call_on(session, kept, "(kept) => kept.apply()")
        await session.deadline.run(applying, "shoot", _SCRIPT_MS)
    return await _height(session, width, view_height)


async def _height(session: PageSession, width: int, height: int) -> float:
    """The height of the content in a viewport of this size."""
    await _resize(session, width, height)
    measuring = call_page_script(session, "outputs/assets/content_height.js")
    return float(await session.deadline.run(measuring, "shoot", _SCRIPT_MS))


async def _resize(session: PageSession, width: int, height: int) -> None:
    metrics = {"width": width, "height": max(1, height), "deviceScaleFactor": 1, "mobile": False}
    await session.cdp.send("Emulation.setDeviceMetricsOverride", metrics)
