"""Look at a document once for all that filter lists and the watch for consent banners ask about it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..page.assets import call_page_script, page_function, run_page_script
from ..page.session import PageSession
from ..page.world import call_in_frame
from .consent_rules import banner_pattern, signs

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

# What look.js returns.
Seen = dict[str, Any]

_SCRIPT = "steps/assets/look.js"
# A document may have any number of classes; rules need only those of its elements.
_MOST_NAMES = 20_000


async def look(session: PageSession, *, banners: bool, layers: bool, warn: bool = True) -> Seen | None:
    """What can be seen of the page; None and a warning, unless `warn` is off, when it did not answer.

    `layers`: count what floats over the page; `banners`: tell also whether it reads like a banner.
    """
    question, cap = _question(banners=banners, layers=layers), session.deadline.share(0.2, 3_000)
    seen: Seen | None = None
    if warn:
        seen = await run_page_script(session, _SCRIPT, question, cap)
    else:
        with contextlib.suppress(Exception):
            seen = await session.deadline.run(call_page_script(session, _SCRIPT, question), "look", cap)
    return seen


async def look_at_frame(cdp: CDPSession, frame_id: str, worlds: dict[str, int]) -> Seen:
    """What can be seen of a frame of another origin; the caller limits the time."""
    question = _question(banners=True, layers=False)
    return dict(await call_in_frame(cdp, frame_id, worlds, page_function(_SCRIPT), question))


def _question(*, banners: bool, layers: bool) -> dict[str, Any]:
    return {
        "most": _MOST_NAMES,
        "layers": layers or banners,
        # Each in one text: DevTools takes longer over the values of a list.
        "banner": banner_pattern() if banners else "",
        "signs": "\n".join(signs().unnamed) if banners else "",
    }
