"""Tell whether a page may have a consent banner that autoconsent could answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from ..page.assets import page_function
from ..page.session import PageSession
from ..page.world import call_in_frame, main_frame
from .consent_rules import candidates, is_banner_address
from .look import Seen, look_at_frame

_SCRIPT = "steps/assets/match_rules.js"
_MAX_FRAMES = 50
_LOOK_MS = 1_000


async def has_signs(session: PageSession, seen: Seen) -> bool:
    """Whether a rule of autoconsent could match in the page or in a frame, or a layer reads like a banner."""
    url = session.page.url
    if seen["words"] or is_banner_address(url):
        return True
    frame_id = await main_frame(session)
    if await _rules_match(session, frame_id, url, seen):
        return True
    if len(session.page.frames) == 1:
        return False
    looks = [_frame_has_signs(session, frame) for frame in await _foreign_frames(session)]
    return any(await asyncio.gather(*looks))


async def _rules_match(session: PageSession, frame_id: str, url: str, seen: Seen) -> bool:
    rules = candidates(url, [*seen["classes"], *seen["ids"]], seen["signs"])
    if not rules:
        return False
    work = call_in_frame(session.cdp, frame_id, session.worlds, page_function(_SCRIPT), rules)
    # A page that navigates or that does not answer is looked at again.
    with contextlib.suppress(Exception):
        return bool(await session.deadline.run(work, "consent", session.deadline.share(0.2, _LOOK_MS)))
    return False


async def _frame_has_signs(session: PageSession, frame: dict[str, Any]) -> bool:
    if is_banner_address(frame["url"]):
        return True
    work = look_at_frame(session, frame["id"])
    with contextlib.suppress(Exception):
        seen = await session.deadline.run(work, "consent", session.deadline.share(0.2, _LOOK_MS))
        return await _rules_match(session, frame["id"], frame["url"], seen)
    return False


async def _foreign_frames(session: PageSession) -> list[dict[str, Any]]:
    """The frames of another origin, into which a script of the page's frame cannot look."""
    tree = (await session.cdp.send("Page.getFrameTree"))["frameTree"]
    own = tree["frame"]["securityOrigin"]
    return [frame for frame in _frames_of(tree) if frame["securityOrigin"] != own][:_MAX_FRAMES]


def _frames_of(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in tree.get("childFrames", ()):
        yield child["frame"]
        yield from _frames_of(child)
