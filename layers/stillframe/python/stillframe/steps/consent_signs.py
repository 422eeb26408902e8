"""Tell whether a page may have a consent banner that autoconsent could answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..page.assets import page_function
from ..page.session import PageSession
from ..page.world import call_in_frame, main_frame
from .consent_rules import candidates, is_banner_address
from .look import Seen, look_at_frame

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

_SCRIPT = "steps/assets/match_rules.js"
_MAX_FRAMES = 50
_LOOK_MS = 1_000
# Two documents whose origin is written like this are still of different origins.
_OPAQUE = "://"


async def has_signs(session: PageSession, seen: Seen) -> bool:
    """Whether a rule of autoconsent could match in the page or in a frame, or a layer reads like a banner."""
    url = session.page.url
    if seen["words"] or is_banner_address(url):
        return True
    # A page that navigates, and one that does not answer, is looked at again.
    with contextlib.suppress(Exception):
        work = _look(session, await main_frame(session), url, seen)
        return await session.deadline.run(work, "consent", session.deadline.share(0.2, _LOOK_MS))
    return False


async def _look(session: PageSession, frame_id: str, url: str, seen: Seen) -> bool:
    if await _rules_match(session.cdp, frame_id, session.worlds, url, seen):
        return True
    if len(session.page.frames) == 1:
        return False
    tree = (await session.cdp.send("Page.getFrameTree"))["frameTree"]
    own, frames = tree["frame"]["securityOrigin"], list(_frames_of(tree))
    if len(frames) + 1 < len(session.page.frames):
        # A frame with a process of its own: autoconsent has sessions for those.
        return True
    foreign = [frame for frame in frames if frame["securityOrigin"] != own or own == _OPAQUE]
    looks = [_frame_has_signs(session.cdp, frame, session.worlds) for frame in foreign[:_MAX_FRAMES]]
    return any(await asyncio.gather(*looks))


async def _rules_match(cdp: CDPSession, frame_id: str, worlds: dict[str, int], url: str, seen: Seen) -> bool:
    rules = candidates(url, [*seen["classes"], *seen["ids"]], seen["signs"])
    return bool(rules and await call_in_frame(cdp, frame_id, worlds, page_function(_SCRIPT), rules))


async def _frame_has_signs(cdp: CDPSession, frame: dict[str, Any], worlds: dict[str, int]) -> bool:
    """The same of a frame of another origin, into which a script of the page cannot look."""
    if is_banner_address(frame["url"]):
        return True
    # The frame may have gone meanwhile.
    with contextlib.suppress(Exception):
        seen = await look_at_frame(cdp, frame["id"], worlds)
        return await _rules_match(cdp, frame["id"], worlds, frame["url"], seen)
    return False


def _frames_of(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in tree.get("childFrames", ()):
        yield child["frame"]
        yield from _frames_of(child)
