"""A browser context with the guard's listener that is its only way out, and whether it may be used again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..page import user_agents
from .launch import BrowserInstance

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page, Request, WebSocket

    from ..egress import Listener

_CLOSE_SECONDS = 2.0
_STOP_SECONDS = 0.5
# Every kind of Storage.StorageType but the HTTP cache, whose reuse is the worth of a reused context. Storage
# buckets that have a name survive this command in Chromium 156, so the API is switched off
# (switches.RENDERING).
_STORAGE_TYPES = (
    "cookies,file_systems,indexeddb,local_storage,shader_cache,websql,service_workers,cache_storage,"
    "storage_buckets"
)
# Without a filter the command lists what Target.setDiscoverTargets asked for. A page is the child of a tab.
_EVERY_TARGET = [{"type": "tab", "exclude": True}, {}]
# The families of Chrome on Linux. Playwright 1.65 sets them only for a browser that says that it is
# headless, and the fixed font of the headless shell is Courier New, whatever fontconfig says.
_FONTS = {
    "fontFamilies": {
        "standard": "Times New Roman",
        "serif": "Times New Roman",
        "sansSerif": "Arial",
        "fixed": "Monospace",
        "cursive": "Comic Sans MS",
        "fantasy": "Impact",
    }
}


class PreparedPage:
    """A blank page with a CDP session of ours on it; no capture's content has ever been in it."""

    def __init__(self, context: GuardedContext, page: Page, cdp: CDPSession, frame_id: str) -> None:
        self.context, self.page, self.cdp, self.frame_id = context, page, cdp, frame_id
        self.crashed = False
        self.device_metrics: dict[str, Any] | None = None

    async def set_device_metrics(self, metrics: dict[str, Any] | None) -> None:
        """Set the viewport that the next capture may ask for; a capture with another one replaces it."""
        if metrics is not None:
            with contextlib.suppress(Exception):
                await self.cdp.send("Emulation.setDeviceMetricsOverride", metrics)
                self.device_metrics = metrics

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
        cdp = await self.context.new_cdp_session(page)
        tree, _ = await asyncio.gather(cdp.send("Page.getFrameTree"), _set_fonts(cdp))
        prepared = PreparedPage(self, page, cdp, tree["frameTree"]["frame"]["id"])
        page.on("crash", lambda _: setattr(prepared, "crashed", True))
        return prepared

    async def clear(self, used: PreparedPage, keeper: PreparedPage) -> bool:
        """Close every page but `keeper` and clear all storage; False when anything is left.

        The network must be cut before: an answer that arrives after the clearing would set its cookies again.
        """
        stopped = await _stop(used)
        pages = [p for p in self.context.pages if p is not keeper.page]
        await asyncio.gather(*(p.close(run_before_unload=False) for p in pages))
        if self.tainted or not stopped:
            return False
        # One round trip: the commands are carried out in their order, and a check that came too early would
        # find what was left and discard the context.
        *_, targets, cookies = await asyncio.gather(
            self.context.clear_cookies(),
            self.context.clear_permissions(),
            keeper.cdp.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": _STORAGE_TYPES}),
            keeper.cdp.send("Target.getTargets", {"filter": _EVERY_TARGET}),
            self.context.cookies(),
        )
        alone = _is_alone(keeper.frame_id, targets["targetInfos"]) and self.context.pages == [keeper.page]
        return alone and not cookies and not self.tainted

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


def _is_alone(target_id: str, targets: list[dict[str, Any]]) -> bool:
    """Whether a page's context has no other target: Playwright reports a pop-up late on a busy machine.

    The id of a page's target is that of its main frame.
    """
    context_id = next((t.get("browserContextId") for t in targets if t["targetId"] == target_id), None)
    return context_id is not None and [
        t["targetId"] for t in targets if t.get("browserContextId") == context_id
    ] == [target_id]


async def _stop(used: PreparedPage) -> bool:
    """Stop the scripts of a page and empty it, so that no handler of it runs later; False when it may.

    Chromium enables the scripts again when the session ends, before the `pagehide` and `unload` handlers of
    a closed page run, and closing does not wait for them: what they write comes after the clearing
    (tests/attack/test_seam.py, row `deadline`). An empty document has no handlers and no frames. Frames of
    another site run in a process of their own, which these commands do not reach.
    """
    if not used.usable or _has_foreign_frames(used.page):
        return False
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_STOP_SECONDS):
            await asyncio.gather(
                used.cdp.send("Emulation.setScriptExecutionDisabled", {"value": True}),
                used.cdp.send("Page.setDocumentContent", {"frameId": used.frame_id, "html": ""}),
            )
            return True
    return False


def _has_foreign_frames(page: Page) -> bool:
    own = urlsplit(page.url)
    urls = [frame.url for frame in page.frames if frame is not page.main_frame]
    return any(url and not url.startswith("about:") and urlsplit(url)[:2] != own[:2] for url in urls)


async def _set_fonts(cdp: CDPSession) -> None:
    # A page takes them only once; a Playwright that sets them itself has done so already.
    with contextlib.suppress(Exception):
        await cdp.send("Page.setFontFamilies", _FONTS)
