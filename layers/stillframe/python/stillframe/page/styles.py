"""Insert style sheets into every frame and shadow tree, also where the page's policy forbids styles."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any

from .assets import page_function
from .session import PageSession
from .world import call_in_frame, main_frame

_SCRIPT = "page/assets/styles.js"
_MOST_FRAMES = 100
_FRAMES_SECONDS = 2.0
_RENEW_MS = 3_000
_IMPORT = re.compile(r"@import\b", re.IGNORECASE)


async def insert_style(session: PageSession, name: str, css: str) -> None:
    """Add a style sheet to the page; `name` is the option that it comes from. The caller limits the time."""
    session.styles[name] = css
    if _IMPORT.search(css):
        await _insert_inspector_sheet(session, css)
    await _apply(session)


async def renew_styles(session: PageSession) -> None:
    """Add the sheets to what was added or navigated to meanwhile; a failure is a warning."""
    if not session.styles:
        return
    try:
        await session.deadline.run(_apply(session), "styles", session.deadline.share(0.3, _RENEW_MS))
    except Exception as error:
        if session.page.is_closed() or session.deadline.remaining() < 0.05:
            raise
        session.report.warn(
            "styles_failed",
            f"The styles could not be added again before the capture: {type(error).__name__}.",
        )


async def _apply(session: PageSession) -> None:
    """Add the sheets where they are missing: in the document, its shadow trees and its frames."""
    main = await main_frame(session)
    await call_in_frame(session.cdp, main, session.worlds, page_function(_SCRIPT), session.styles)
    if len(session.page.frames) == 1:
        return
    tree = await session.cdp.send("Page.getFrameTree")
    frames = _below(tree["frameTree"])[:_MOST_FRAMES]
    # A frame may vanish or hang; the others and the page have their styles.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FRAMES_SECONDS):
            await asyncio.gather(
                *(_apply_in_frame(session, frame["id"]) for frame in frames),
                *_in_other_processes(session, [frame["url"] for frame in frames]),
                return_exceptions=True,
            )


async def _apply_in_frame(session: PageSession, frame_id: str) -> None:
    function = page_function(_SCRIPT)
    await call_in_frame(session.cdp, frame_id, session.worlds, function, session.styles)


def _in_other_processes(session: PageSession, urls: list[str]) -> list[Any]:
    """The calls for frames of other sites, which run in processes of their own and are in no frame tree."""
    local = list(urls)
    work: list[Any] = []
    for frame in session.page.frames[1:_MOST_FRAMES]:
        if frame.url in local:
            local.remove(frame.url)
        else:
            work.append(_apply_in_process(session, frame))
    return work


async def _apply_in_process(session: PageSession, frame: Any) -> None:
    cdp = await session.page.context.new_cdp_session(frame)
    try:
        tree = (await cdp.send("Page.getFrameTree"))["frameTree"]
        for inner in [tree["frame"], *_below(tree)]:
            # Another session of the same process knows the same worlds by the same numbers.
            await call_in_frame(cdp, inner["id"], session.worlds, page_function(_SCRIPT), session.styles)
    finally:
        with contextlib.suppress(Exception):
            await cdp.detach()


def _below(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """The frames below the root of a frame tree."""
    found: list[dict[str, Any]] = []
    for child in tree.get("childFrames", []):
        found += [child["frame"], *_below(child)]
    return found


async def _insert_inspector_sheet(session: PageSession, css: str) -> None:
    """Add the sheet as one of the inspector's too, because a constructed sheet ignores `@import`."""
    await asyncio.gather(session.cdp.send("DOM.enable"), session.cdp.send("CSS.enable"))
    made = await session.cdp.send("CSS.createStyleSheet", {"frameId": await main_frame(session)})
    sheet = {"styleSheetId": made["styleSheetId"], "text": css}
    await session.cdp.send("CSS.setStyleSheetText", sheet)
    # The sheet remains; without this the inspector would report every sheet of the page.
    await asyncio.gather(session.cdp.send("CSS.disable"), session.cdp.send("DOM.disable"))
