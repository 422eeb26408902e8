"""Answer consent banners: look for signs of one, and only then run autoconsent in the page.

autoconsent and its rules are 300 KB that every frame parses and runs again and again. A page without a sign
of a banner is looked at instead (docs/decisions/0043).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import field_validator

from ..options import Flag, Options, option
from ..page.session import PageSession

if TYPE_CHECKING:
    from .consent_engine import ConsentEngine
    from .look import Seen

Banner = Literal["reject", "accept", "hide"]

# Seconds between two looks at a page while the caller's waits and scripts run.
_LOOK_SECONDS = 0.25
# Milliseconds for autoconsent to come into the page.
_OPEN_MS = 3_000


class ConsentOptions(Options, group="block"):
    block_cookie_banners: Banner | Literal[False] = option(
        False,
        "Answer cookie consent banners: `reject` (the same as true), `accept`, or `hide` them.",
        aliases=("use_cookie_blocker",),
        shareable=True,
        linkable=True,
        operator_default="use_cookie_blocker",
        cli=Flag(value="reject"),
        brief="Answer or hide cookie banners.",
    )

    @field_validator("block_cookie_banners", mode="before")
    @classmethod
    def _banner_words(cls, value: object) -> object:
        words: dict[object, object] = {
            "true": "reject",
            "1": "reject",
            "yes": "reject",
            "on": "reject",
            "false": False,
            "0": False,
            "no": False,
            "off": False,
            "": False,
            "none": False,
        }
        if value is True or value == 1:
            return "reject"
        return words.get(value.lower(), value.lower()) if isinstance(value, str) else value


def watch(session: PageSession, options: ConsentOptions) -> ConsentWatch | None:
    """The watch for banners of one page; None when the options do not ask for it."""
    return ConsentWatch(session, options.block_cookie_banners) if options.block_cookie_banners else None


class ConsentWatch:
    """Looks for banners of one page, and autoconsent once there are signs of one."""

    def __init__(self, session: PageSession, mode: Banner) -> None:
        self._session, self._mode = session, mode
        self._started = time.monotonic()
        self._engine: ConsentEngine | None = None
        self._pressed_ms: int | None = None
        self._considering = asyncio.Lock()

    @property
    def manager(self) -> str | None:
        """The consent manager that autoconsent found."""
        return self._engine.manager if self._engine else None

    @property
    def answered(self) -> bool:
        """Whether a banner was answered."""
        return self._pressed_ms is not None or (self._engine is not None and self._engine.answered)

    @property
    def running(self) -> bool:
        """Whether autoconsent runs in the page."""
        return self._engine is not None

    @property
    def busy(self) -> bool:
        """Whether autoconsent has still to look at the page, or is answering a banner."""
        return self._engine is not None and (self._engine.detecting or self._engine.answering)

    def note_press(self) -> None:
        """Remember when the button of a banner was pressed."""
        if not self.answered:
            self._pressed_ms = round((time.monotonic() - self._started) * 1000)

    async def consider(self, seen: Seen | None) -> None:
        """Run autoconsent when there are signs of a banner in what was seen of the page."""
        from .consent_engine import ConsentEngine
        from .consent_signs import has_signs

        session = self._session
        async with self._considering:
            if self._engine is not None or seen is None or not await has_signs(session, seen):
                return
            self._engine = ConsentEngine(session, self._mode, self._started)
            cap = session.deadline.share(0.2, _OPEN_MS)
            try:
                await session.deadline.run(self._engine.open(), "consent", cap)
            except Exception:
                # The page blocks its thread, or has gone; what is left of the banner will be hidden.
                self._engine.give_up()

    @contextlib.asynccontextmanager
    async def looking(self, look: Callable[[], Awaitable[Seen | None]]) -> AsyncIterator[None]:
        """Look again and again while the caller's waits and scripts run.

        A wait may be for what is behind a banner.
        """

        async def looks() -> None:
            pause = _LOOK_SECONDS
            while self._engine is None:
                await asyncio.sleep(pause)
                started = time.monotonic()
                # The page may navigate or close meanwhile.
                with contextlib.suppress(Exception):
                    # autoconsent that is half in the page would never answer, so only the look is cut short.
                    await asyncio.shield(self.consider(await look()))
                # A large page is looked at less often.
                pause = max(_LOOK_SECONDS, 4 * (time.monotonic() - started))

        task = asyncio.create_task(looks())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    def report(self, cleared: dict[str, int]) -> dict[str, Any] | None:
        """Which manager was found, what was done and after how many milliseconds; None without a banner.

        `outcome` is `answered`, `hidden`, or `unanswered` when the banner is still there; `cleared` is what
        clear_overlays.js returned.
        """
        hidden = cleared["banners"] + cleared["listed"] > 0
        if not (hidden or self.answered or (self._engine and self._engine.popup)):
            return None
        if cleared["left"]:
            return {"manager": self.manager, "outcome": "unanswered"}
        if hidden and not self.answered:
            return {"manager": self.manager, "outcome": "hidden"}
        found: dict[str, Any] = {"manager": self.manager, "outcome": "answered"}
        if self._pressed_ms is not None:
            return found | {"ms": self._pressed_ms}
        return found | ({"ms": self._engine.milliseconds} if self._engine and self.answered else {})
