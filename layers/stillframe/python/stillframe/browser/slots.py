"""A capture slot: one egress listener, one context or a new one each time, and the next capture's page at hand."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..egress import Listener
from ..page import user_agents
from .launch import BrowserInstance
from .shared_context import SharedContext

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page

# Everything a page can leave behind but the HTTP cache, whose reuse is the shared context's worth.
_STATE = "cookies,file_systems,indexeddb,local_storage,websql,service_workers,cache_storage,shared_storage,storage_buckets"


@dataclass(slots=True)
class PreparedPage:
    """A blank page with a CDP session of ours on it; no capture's content has ever been in it."""

    context: BrowserContext
    page: Page
    cdp: CDPSession
    crashed: bool = False

    @property
    def free(self) -> bool:
        return not (self.crashed or self.page.is_closed())


@dataclass(slots=True)
class Slot:
    """The listener lives as long as the process; context and prepared as long as their browser.

    Making a page costs as much as loading a small one, so the next capture's is made while this one's loads.
    """

    index: int
    listener: Listener
    fresh: bool = False
    instance: BrowserInstance | None = None
    _shared: SharedContext | None = None
    _next: asyncio.Task[PreparedPage] | None = None

    def forget(self, instance: BrowserInstance) -> None:
        """Drop what went with its browser."""
        if self.instance is instance:
            self._drop()

    def base_options(self, instance: BrowserInstance) -> dict[str, Any]:
        """What every context of ours has; size and density are set per page."""
        return {
            "no_viewport": True,
            "user_agent": user_agents.default(instance.version).string,
            "ignore_https_errors": True,
            "service_workers": "block",
            "accept_downloads": False,
            "proxy": {"server": self.listener.url},
        }

    def prepare(self, instance: BrowserInstance) -> asyncio.Task[PreparedPage]:
        """Have the next prepared on its way."""
        if self.instance is not instance:
            self._drop()
            self.instance = instance
        if self._next is None:
            self._next = asyncio.create_task(self._make(instance))
        return self._next

    async def acquire(self, instance: BrowserInstance) -> PreparedPage:
        """The prepared that was made ahead, or one made now; in a context that no other slot uses."""
        for _ in range(2):
            making = self.prepare(instance)
            try:
                # A capture that is cancelled here does not take the prepared with it; one that could not be made is gone.
                prepared = await asyncio.shield(making)
            finally:
                if self._next is making and making.done():
                    self._next = None
            if prepared.free:
                break
        return prepared

    async def _make(self, instance: BrowserInstance) -> PreparedPage:
        if self.fresh:
            return await self.in_own_context(instance, {})
        if self._shared is None:
            self._shared = SharedContext(await instance.browser.new_context(**self.base_options(instance)))
        shared = self._shared
        prepared = await _open_page(shared.context)
        await shared.watch(prepared.page, prepared.cdp)
        return prepared

    async def in_own_context(self, instance: BrowserInstance, options: dict[str, Any]) -> PreparedPage:
        """A prepared in a context of its own."""
        context = await instance.browser.new_context(**self.base_options(instance) | options)
        try:
            return await _open_page(context)
        except BaseException:
            await _close(context)
            raise

    async def clear(self, used: PreparedPage, instance: BrowserInstance) -> None:
        """Leave nothing of a capture: its context is closed, or its pages are and all that they could keep."""
        shared = self._shared
        if shared is None or used.context is not shared.context:
            await used.context.close()
            return
        try:
            # The prepared of the next capture stays; it also holds the session that clears.
            keeper = await asyncio.shield(self.prepare(instance))
            pages = [p for p in used.context.pages if p is not keeper.page]
            await asyncio.gather(*(p.close(run_before_unload=False) for p in pages))
            if shared.tainted:
                self._drop()
                await used.context.close()
                return
            await asyncio.gather(
                used.context.clear_cookies(),
                used.context.clear_permissions(),
                keeper.cdp.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": _STATE}),
            )
        except BaseException:
            # A context that cannot be cleaned is never used again.
            self._drop()
            await _close(used.context)
            raise

    def _drop(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._shared = self._next = self.instance = None


async def _close(context: BrowserContext) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(2):
            await context.close()


async def _open_page(context: BrowserContext) -> PreparedPage:
    """A new page of this context, with our session on it."""
    page = await context.new_page()
    prepared = PreparedPage(context, page, await context.new_cdp_session(page))
    page.on("crash", lambda _: setattr(prepared, "crashed", True))
    return prepared
