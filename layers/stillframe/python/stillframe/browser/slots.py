"""A capture slot: one egress listener, one context or a new one each time, and the next capture's page at hand."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..egress import Listener
from ..steps import useragent
from .launch import Generation
from .shared import SharedContext

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page

# Everything a page can leave behind but the HTTP cache, whose reuse is the shared context's worth.
_STATE = "cookies,file_systems,indexeddb,local_storage,websql,service_workers,cache_storage,shared_storage,storage_buckets"


@dataclass(slots=True)
class Seat:
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
    """The listener lives as long as the process; context and seat as long as their browser.

    Making a page costs as much as loading a small one, so the next capture's is made while this one's loads.
    """

    index: int
    listener: Listener
    fresh: bool = False
    generation: Generation | None = None
    _shared: SharedContext | None = None
    _next: asyncio.Task[Seat] | None = None

    def forget(self, generation: Generation) -> None:
        """Drop what went with its browser."""
        if self.generation is generation:
            self._drop()

    def base_options(self, generation: Generation) -> dict[str, Any]:
        """What every context of ours has; size and density are set per page."""
        return {
            "no_viewport": True,
            "user_agent": useragent.default(generation.version).string,
            "ignore_https_errors": True,
            "service_workers": "block",
            "accept_downloads": False,
            "proxy": {"server": self.listener.url},
        }

    def prepare(self, generation: Generation) -> asyncio.Task[Seat]:
        """Have the next seat on its way."""
        if self.generation is not generation:
            self._drop()
            self.generation = generation
        if self._next is None:
            self._next = asyncio.create_task(self._make(generation))
        return self._next

    async def take(self, generation: Generation) -> Seat:
        """The seat that was made ahead, or one made now; in a context that no other slot uses."""
        for _ in range(2):
            making = self.prepare(generation)
            try:
                # A capture that is cancelled here does not take the seat with it; one that could not be made is gone.
                seat = await asyncio.shield(making)
            finally:
                if self._next is making and making.done():
                    self._next = None
            if seat.free:
                break
        return seat

    async def _make(self, generation: Generation) -> Seat:
        if self.fresh:
            return await self.apart(generation, {})
        if self._shared is None:
            self._shared = SharedContext(
                await generation.browser.new_context(**self.base_options(generation))
            )
        shared = self._shared
        seat = await _sit(shared.context)
        await shared.watch(seat.page, seat.cdp)
        return seat

    async def apart(self, generation: Generation, options: dict[str, Any]) -> Seat:
        """A seat in a context of its own."""
        context = await generation.browser.new_context(**self.base_options(generation) | options)
        try:
            return await _sit(context)
        except BaseException:
            await _close(context)
            raise

    async def clear(self, used: Seat, generation: Generation) -> None:
        """Leave nothing of a capture: its context is closed, or its pages are and all that they could keep."""
        shared = self._shared
        if shared is None or used.context is not shared.context:
            await used.context.close()
            return
        try:
            # The seat of the next capture stays; it also holds the session that clears.
            keeper = await asyncio.shield(self.prepare(generation))
            pages = [p for p in used.context.pages if p is not keeper.page]
            await asyncio.gather(*(p.close(run_before_unload=False) for p in pages))
            if shared.spoilt:
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
        self._shared = self._next = self.generation = None


async def _close(context: BrowserContext) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(2):
            await context.close()


async def _sit(context: BrowserContext) -> Seat:
    """A new page of this context, with our session on it."""
    page = await context.new_page()
    seat = Seat(context, page, await context.new_cdp_session(page))
    page.on("crash", lambda _: setattr(seat, "crashed", True))
    return seat
