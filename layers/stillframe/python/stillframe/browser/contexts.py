"""A browser context with the guard's listener that is its only way out, and whether it may be used again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..egress import Listener
from ..page import user_agents
from .launch import BrowserInstance

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page, Request, WebSocket

_CLOSE_SECONDS = 2.0
# Every kind of Storage.StorageType but the HTTP cache, whose reuse is the worth of a reused context. Storage
# buckets that have a name survive this command in Chromium 156, so the API is switched off
# (switches.DISABLED_FEATURES).
_STORAGE_TYPES = (
    "cookies,file_systems,indexeddb,local_storage,websql,service_workers,cache_storage,interest_groups,"
    "shared_storage,storage_buckets"
)


class PreparedPage:
    """A blank page with a CDP session of ours on it; no capture's content has ever been in it."""

    def __init__(self, context: GuardedContext, page: Page, cdp: CDPSession) -> None:
        self.context, self.page, self.cdp = context, page, cdp
        self.crashed = False

    @property
    def usable(self) -> bool:
        return not (self.crashed or self.page.is_closed())


class GuardedContext:
    """One browser context with its own listener, so that no other context's socket can carry its traffic.

    `caller` is the one caller whose captures may run in it; None as long as nobody has used it. `tainted`
    says that Chromium may remember credentials in it, which no command makes it forget. They come as
    `user:password@` in a redirect, a link or a WebSocket's address, or as arguments of `XMLHttpRequest.open`.
    The sockets of pop-ups and the requests of shared workers cannot be observed, so either taints.
    """

    def __init__(self, context: BrowserContext, listener: Listener) -> None:
        self.context = context
        self.listener = listener
        self.caller: str | None = None
        self.tainted = False

    @classmethod
    async def open(
        cls, instance: BrowserInstance, open_listener: Callable[[], Listener], options: dict[str, Any]
    ) -> GuardedContext:
        """A new context whose only proxy is a new listener; window size and density are set for each page."""
        listener = await asyncio.to_thread(open_listener)
        try:
            context = await instance.browser.new_context(
                **{
                    "no_viewport": True,
                    "user_agent": user_agents.default(instance.version).string,
                    "ignore_https_errors": True,
                    "service_workers": "block",
                    "accept_downloads": False,
                    # Without the bypass entry Playwright's environment decides whether loopback is proxied
                    # (PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK).
                    "proxy": {"server": listener.url, "bypass": "<-loopback>"},
                    **options,
                }
            )
            # Also for frames of other sites and pop-ups, which a CDP session of one page does not see.
            await context.add_init_script(_report_cutting_script())
        except BaseException:
            await asyncio.to_thread(listener.close)
            raise
        return cls(context, listener)

    def watch(self) -> None:
        """Observe what taints a context that is to be reused."""
        self.context.on("request", self._requested)

    async def watch_page(self, page: Page, cdp: CDPSession) -> None:
        """Observe what the events of the context do not report."""
        page.on("popup", self._taint)
        page.on("websocket", self._requested)
        cdp.on("Target.targetCreated", self._taint)
        await cdp.send("Target.setDiscoverTargets", {"discover": True, "filter": [{"type": "shared_worker"}]})

    def _requested(self, what: Request | WebSocket) -> None:
        # The first test is cheap and has no false negatives.
        if "@" in what.url and "@" in urlsplit(what.url).netloc:
            self.tainted = True

    def _taint(self, _: object) -> None:
        self.tainted = True

    async def new_page(self) -> PreparedPage:
        """A blank page of this context with a CDP session."""
        page = await self.context.new_page()
        prepared = PreparedPage(self, page, await self.context.new_cdp_session(page))
        page.on("crash", lambda _: setattr(prepared, "crashed", True))
        return prepared

    async def clear(self, used: PreparedPage, keeper: PreparedPage) -> bool:
        """Close every page but `keeper` and clear all storage; False when anything is left.

        The network must be cut before: an answer that arrives after the clearing would set its cookies again.
        """
        await _stop_scripts(used)
        pages = [p for p in self.context.pages if p is not keeper.page]
        await asyncio.gather(*(p.close(run_before_unload=False) for p in pages))
        if self.tainted:
            return False
        await asyncio.gather(
            self.context.clear_cookies(),
            self.context.clear_permissions(),
            keeper.cdp.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": _STORAGE_TYPES}),
        )
        return not await self.context.cookies() and self.context.pages == [keeper.page] and not self.tainted

    async def close(self) -> None:
        """Close the context, then its listener; an error means that the browser hangs."""
        try:
            await self.context.close()
        finally:
            await asyncio.to_thread(self.listener.close)

    async def close_quietly(self) -> None:
        """Close a context that nothing waits for."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.close()


@cache
def _report_cutting_script() -> str:
    return Path(__file__).with_name("assets").joinpath("cut_reports.js").read_text("utf-8")


async def _stop_scripts(used: PreparedPage) -> None:
    """Keep `pagehide` and `unload` handlers from running while the page closes: they send beacons."""
    if used.usable:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0.5):
                await used.cdp.send("Emulation.setScriptExecutionDisabled", {"value": True})
