"""The browser context that captures without caller state reuse, and what makes it unfit for reuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page, Request, WebSocket


# Without slots, eq and order: Playwright keeps its wrapper of a bound handler as an attribute of the object.
@dataclass(eq=False)
class SharedContext:
    """A context that knows whether Chromium may remember credentials in it, which no command makes it forget.

    They come from a page: as `user:password@` in a redirect, a link or a WebSocket's address, or as arguments of
    `XMLHttpRequest.open`. Of a pop-up's sockets and a shared worker's requests nothing is heard, so either counts.
    """

    context: BrowserContext
    tainted: bool = False

    def __post_init__(self) -> None:
        self.context.on("request", self._asked)

    async def watch(self, page: Page, cdp: CDPSession) -> None:
        """Listen to what the context does not tell."""
        page.on("popup", self._taint)
        page.on("websocket", self._asked)
        cdp.on("Target.targetCreated", self._taint)
        await cdp.send("Target.setDiscoverTargets", {"discover": True, "filter": [{"type": "shared_worker"}]})

    def _asked(self, what: Request | WebSocket) -> None:
        # Cheaper than to take every address apart, and never wrong in the other direction.
        if "@" in what.url and "@" in urlsplit(what.url).netloc:
            self.tainted = True

    def _taint(self, _: object) -> None:
        self.tainted = True
