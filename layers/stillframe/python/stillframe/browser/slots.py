"""A capture slot: one egress listener and one shared context, both used by one capture at a time."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..egress import Listener
from ..steps import useragent
from .launch import Generation

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession

# Everything a page can leave behind but the HTTP cache, whose reuse is the shared context's worth.
_STATE = "cookies,file_systems,indexeddb,local_storage,websql,service_workers,cache_storage,shared_storage,storage_buckets"


@dataclass(slots=True)
class Slot:
    """The listener lives as long as the process; the context as long as its browser."""

    index: int
    listener: Listener
    shared: BrowserContext | None = None
    keeper: CDPSession | None = None
    generation: Generation | None = None

    def forget(self, generation: Generation) -> None:
        """Drop a context that went with its browser."""
        if self.generation is generation:
            self.shared = self.keeper = self.generation = None

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

    async def shared_context(self, generation: Generation) -> BrowserContext:
        """The context that captures without caller state share, with a blank page that keeps its cleaner."""
        if self.shared is None or self.generation is not generation:
            self.shared = await generation.browser.new_context(**self.base_options(generation))
            self.generation = generation
            keeper = await self.shared.new_page()
            self.keeper = await self.shared.new_cdp_session(keeper)
        return self.shared

    async def scrub(self) -> None:
        """Close every page and clear everything a page can leave; a context that cannot be cleaned is closed."""
        if self.shared is None or self.keeper is None:
            return
        try:
            async with asyncio.timeout(2):
                pages = self.shared.pages[1:]
                await asyncio.gather(*(p.close(run_before_unload=False) for p in pages))
                await asyncio.gather(
                    self.shared.clear_cookies(),
                    self.shared.clear_permissions(),
                    self.keeper.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": _STATE}),
                )
        except Exception:
            context, self.shared, self.keeper, self.generation = self.shared, None, None, None
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await context.close()
            raise
