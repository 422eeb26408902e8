"""A capture slot: the context that its caller reuses, and the page prepared for the next capture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ..settings import SettingNotValid, Settings
from .contexts import GuardedContext, PreparedPage
from .launch import BrowserInstance

if TYPE_CHECKING:
    from ..egress import Listener

Isolation = Literal["caller", "fresh", "shared"]


def isolation_of(config: Settings) -> Isolation:
    """The mode of BROWSER_ISOLATION; `auto`, the name of an earlier rule, means `caller`."""
    modes: dict[str, Isolation] = {"caller": "caller", "fresh": "fresh", "shared": "shared", "auto": "caller"}
    try:
        return modes[config.browser_isolation]
    except KeyError:
        raise SettingNotValid(
            f"BROWSER_ISOLATION: {config.browser_isolation!r} is not caller, fresh or shared."
        ) from None


class Slot:
    """Runs one capture at a time.

    Making a page costs as much as loading a small one, so the next one is made ahead.

    A context belongs to one caller. As long as captures come from the same caller, the next page is prepared
    in that caller's context; after a change of callers it is prepared in a new context, which the next caller
    takes whoever it is.
    """

    def __init__(self, index: int, open_listener: Callable[[], Listener], isolation: Isolation) -> None:
        self.index = index
        self._open_listener = open_listener
        self._isolation = isolation
        self._instance: BrowserInstance | None = None
        self._reused: GuardedContext | None = None
        self._next: asyncio.Task[PreparedPage] | None = None
        self._last_caller: str | None = None
        self._same_caller_expected = True
        self._closing: set[asyncio.Task[None]] = set()

    def forget(self, instance: BrowserInstance) -> None:
        """Drop what was lost with its browser."""
        if self._instance is instance:
            self._discard_prepared()
            if self._reused is not None:
                self._close_in_background(self._reused)
            self._reused = self._instance = None

    def prepare(
        self, instance: BrowserInstance, device_metrics: dict[str, Any] | None = None
    ) -> asyncio.Task[PreparedPage]:
        """Start to make the page of the next capture, with this viewport, unless that is under way."""
        if self._instance is not instance:
            if self._instance is not None:
                self.forget(self._instance)
            self._instance = instance
        if self._next is None:
            self._next = asyncio.create_task(self._make_next(instance, device_metrics))
        return self._next

    async def acquire(self, instance: BrowserInstance, caller: str) -> PreparedPage:
        """A page in a context that no other caller has used, and no other slot uses."""
        key = caller if self._isolation == "caller" else ""
        self._same_caller_expected = self._last_caller in (None, key)
        self._last_caller = key
        prepared = await self._take_prepared(instance)
        if prepared is None or prepared.context.caller not in (None, key) or not prepared.usable:
            if prepared is not None:
                self._retire(prepared.context)
            prepared = await self._new_context_page(instance)
        context = prepared.context
        context.caller = key
        if self._isolation != "fresh" and self._reused is not context:
            if self._reused is not None:
                self._retire(self._reused)
            self._reused = context
        return prepared

    async def in_own_context(self, instance: BrowserInstance, options: dict[str, Any]) -> PreparedPage:
        """A page in its own context, for a capture that carries state or needs options of the context."""
        context = await GuardedContext.open(instance, self._open_listener, options)
        try:
            return await context.new_page()
        except BaseException:
            await context.close_quietly()
            raise

    async def release(self, used: PreparedPage, instance: BrowserInstance) -> None:
        """Leave nothing of a capture: its context is closed, or cleared when its caller may reuse it.

        Raises what Playwright raises; a context that could not be cleared or closed is never used again.
        """
        context = used.context
        if context is not self._reused:
            await context.close()
            return
        try:
            # A shield, because a cancelled release must not cancel the page of the next capture.
            keeper = await asyncio.shield(self.prepare(instance))
            if keeper.context is context and await context.clear(used, keeper):
                return
        except BaseException:
            self._retire(context)
            raise
        self._retire(context, in_background=False)
        await context.close()

    async def _take_prepared(self, instance: BrowserInstance) -> PreparedPage | None:
        making = self.prepare(instance)
        try:
            # A capture that is cancelled here leaves the page to the next one.
            return await asyncio.shield(making)
        finally:
            if self._next is making and making.done():
                self._next = None

    async def _make_next(
        self, instance: BrowserInstance, device_metrics: dict[str, Any] | None
    ) -> PreparedPage:
        context = self._reused
        if context is None or context.tainted or not self._same_caller_expected:
            return await self._new_context_page(instance, device_metrics)
        prepared = await context.new_page()
        await context.watch_page(prepared.page, prepared.cdp)
        await prepared.set_device_metrics(device_metrics)
        return prepared

    async def _new_context_page(
        self, instance: BrowserInstance, device_metrics: dict[str, Any] | None = None
    ) -> PreparedPage:
        prepared = await self.in_own_context(instance, {})
        try:
            if self._isolation != "fresh":
                prepared.context.watch()
                await prepared.context.watch_page(prepared.page, prepared.cdp)
            await prepared.set_device_metrics(device_metrics)
        except BaseException:
            self._close_in_background(prepared.context)
            raise
        return prepared

    def _retire(self, context: GuardedContext, *, in_background: bool = True) -> None:
        """Never use a context again."""
        if self._reused is context:
            self._reused = None
        prepared = self._next
        made = (
            prepared is not None and prepared.done() and not prepared.cancelled() and not prepared.exception()
        )
        if prepared is not None and made and prepared.result().context is context:
            self._next = None
        if in_background:
            self._close_in_background(context)

    def _close_in_background(self, context: GuardedContext) -> None:
        task = asyncio.create_task(context.close_quietly())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _discard_prepared(self) -> None:
        """Cancel the preparation, or close the context of the page that it has made for nobody."""
        prepared, reused, self._next = self._next, self._reused, None
        if prepared is None:
            return
        prepared.cancel()

        def close(made: asyncio.Task[PreparedPage]) -> None:
            if not made.cancelled() and not made.exception() and made.result().context is not reused:
                self._close_in_background(made.result().context)

        if prepared.done():
            close(prepared)
        else:
            prepared.add_done_callback(close)
