"""Look at the page just before its picture is taken: the facts that the verdict is made of."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..page.assets import call_page_script
from ..page.session import PageSession

if TYPE_CHECKING:
    from ..request import CaptureRequest

PICTURES = frozenset({"png", "jpeg", "webp", "avif"})
# Milliseconds; a page whose main thread is blocked never answers.
_LOOK_MS = 1_000
# Images, fonts and characters of each kind that are listed.
_MOST = 100
# The containers of known consent managers, also those that show a frame or a closed shadow tree.
MANAGERS = (
    "#onetrust-banner-sdk",
    "#onetrust-pc-sdk",
    "#CybotCookiebotDialog",
    "#usercentrics-root",
    "#usercentrics-cmp-ui",
    "#didomi-host",
    "#didomi-notice",
    ".qc-cmp2-container",
    "#qc-cmp2-container",
    "#truste-consent-track",
    ".truste_box_overlay",
    "[id^=sp_message_container]",
    "#cmplz-cookiebanner-container",
    ".cmplz-cookiebanner",
    "#BorlabsCookieBox",
    "#BorlabsDialog",
    "#cookiescript_injected",
    ".osano-cm-window",
    "#klaro",
    "#tarteaucitronRoot #tarteaucitronAlertBig",
    "#cc-main",
    ".fc-consent-root",
    "#iubenda-cs-banner",
    "#axeptio_overlay",
    "#termly-code-snippet-support",
    "#hs-eu-cookie-confirmation",
    "#cookie-law-info-bar",
    ".cky-consent-container",
    "#cmpbox",
    "#consent_blackbar",
    ".govuk-cookie-banner",
)


def picture_of(variant: CaptureRequest) -> dict[str, Any]:
    """What of the page an artifact shows, for inspect_page.js; documents show all of it."""
    if variant.format not in PICTURES:
        return {"full": True}
    clip = variant.clip.model_dump() if variant.clip else None
    return {"full": variant.full_page, "clip": clip, "selector": variant.selector}


async def inspect(session: PageSession, variants: Sequence[CaptureRequest]) -> None:
    """Put what can be seen of the page into `report.seen`; a page that does not answer leaves it None."""
    what = {"pictures": [picture_of(v) for v in variants], "managers": MANAGERS, "most": _MOST}
    look = call_page_script(session, "steps/assets/inspect_page.js", what)
    with contextlib.suppress(Exception):
        session.report.seen = await session.deadline.run(look, "check", session.deadline.share(0.1, _LOOK_MS))


class Look:
    """One look at the page, for a picture that is being taken; `inspect` puts its result into the report."""

    def __init__(self, session: PageSession, variants: Sequence[CaptureRequest]) -> None:
        self._session, self._variants = session, variants
        self._task: asyncio.Task[None] | None = None

    def begin(self, delay: float = 0.0) -> asyncio.Task[None]:
        """Look after `delay` seconds, unless that has begun."""
        if self._task is None:
            self._task = asyncio.create_task(self._after(delay))
        return self._task

    async def finish(self) -> None:
        """Look at once, unless that has begun, and wait for the result."""
        await self.begin()

    def cancel(self) -> None:
        """Give up a look that nobody waits for."""
        if self._task is not None:
            self._task.cancel()

    async def _after(self, delay: float) -> None:
        await asyncio.sleep(delay)
        await inspect(self._session, self._variants)
