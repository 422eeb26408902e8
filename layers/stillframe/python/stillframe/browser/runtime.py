"""The one owner of the event loop and the browser, in module scope, so that warm invocations share them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from concurrent.futures import Future
from typing import Any

from ..egress import EgressGuard, EgressPolicy, Listener
from ..errors import BrowserUnavailable, CaptureError
from ..settings import Settings, settings
from . import cleanup, confine, processes
from .launch import BrowserInstance, launch
from .loop_thread import LoopThread
from .slot_pool import SlotPool
from .slots import Slot
from .watchdog import Watchdog, limit_bytes

log = logging.getLogger("stillframe")
# Share of the memory limit that an idle browser may keep.
_HEAVY = 0.8
# A browser that worked this recently is taken at its word.
_TRUSTED_SECONDS = 5.0


class Runtime(LoopThread):
    """A thread with an event loop; on it a guard, one browser and the capture slots.

    A browser is started and ended to the end: a launch that is cut leaves a driver that nobody knows of, and one that
    comes too late for its capture is the next one's browser.
    """

    watchdog: Watchdog

    def __init__(self, config: Settings | None = None, guard: EgressGuard | None = None) -> None:
        super().__init__()
        self._config = config
        self._guard = guard
        self._warming: Future[None] | None = None
        self.instance: BrowserInstance | None = None
        self._changing = asyncio.Lock()
        self._fallback: Listener | None = None
        self._pool: SlotPool | None = None
        self.launches = 0
        self.failed_launches = 0
        self.captures = 0

    @property
    def config(self) -> Settings:
        return self._config or settings()

    # -- the browser ---------------------------------------------------------------------------------------------

    def guard(self) -> EgressGuard:
        """The egress guard, started; without it there is no browser."""
        with self._starting:
            if self._guard is None:
                try:
                    policy = EgressPolicy.from_settings(
                        self.config.egress_allow,
                        self.config.egress_ports,
                        os.environ,
                        self.config.public_url,
                    )
                except ValueError as error:
                    raise BrowserUnavailable(f"The egress policy cannot be read: {error}") from error
                self._guard = EgressGuard(policy)
                self._guard.start()
            return self._guard

    def warm(self) -> None:
        """Have a browser on its way while the caller goes on; the first thing a function does, beside its imports."""
        if self._warming is None:
            self._warming = asyncio.run_coroutine_threadsafe(self._warm(), self.loop())

    async def _warm(self) -> None:
        try:
            instance = await self.ensure()
            self._open_pool().slots[0].prepare(instance)
        except CaptureError as error:
            # The first request tries again, and says why.
            log.warning("no browser during initialisation", extra={"code": error.code})

    async def ensure(self) -> BrowserInstance:
        """A living browser: the warm one, or a new one; callers at the same time share one launch."""
        return await self.finish(self._ensure())

    async def _ensure(self) -> BrowserInstance:
        async with self._changing:
            if self.instance is not None:
                if await self._serves(self.instance):
                    return self.instance
                await self._drop(self.instance)
            self._prepare_once()
            await asyncio.to_thread(cleanup.remove_leftovers)
            try:
                self.instance = await launch(self.config, self._fallback_listener().url)
            except BrowserUnavailable:
                self.failed_launches += 1
                if self.failed_launches >= 2 and "AWS_LAMBDA_RUNTIME_API" in os.environ:
                    log.critical("the browser failed to start twice; ending this environment")
                    os._exit(1)  # Lambda replaces the environment; nothing else would help
                raise
            self.launches += 1
            self.failed_launches = 0
            cleanup.reap_children()  # the launch gave what was killed before it the time to die
            log.info(
                "browser launched",
                extra={"version": self.instance.version, "launch_profile": self.instance.launch_profile},
            )
            return self.instance

    async def probe(self) -> str:
        """A round trip to the living browser, or to a new one; its version."""
        for last in (False, True):
            instance = await self.ensure()
            try:
                async with asyncio.timeout(3):
                    return await instance.ask()
            except Exception as error:
                await self.discard(instance)
                if last:
                    raise BrowserUnavailable("The browser does not answer.", retry_after=2) from error
        raise AssertionError("unreachable")

    async def _serves(self, instance: BrowserInstance) -> bool:
        """Whether this browser can take a capture; after a pause it is asked, because a frozen one looks alive."""
        if not instance.alive:
            return False
        if time.monotonic() - instance.used_at < _TRUSTED_SECONDS:
            return True
        try:
            async with asyncio.timeout(2):
                await instance.ask()
        except Exception:
            instance.broken = True
            return False
        instance.used_at = time.monotonic()
        return True

    def _needs_recycling(self) -> bool:
        """Whether the browser has served its captures, or fills /tmp or memory."""
        instance = self.instance
        if instance is None or not instance.alive:
            return False
        if instance.captures >= self.config.max_requests or cleanup.short_of_room():
            return True
        # Walking the process tree takes a millisecond or two.
        return instance.captures % 10 == 9 and self._is_heavy()

    def _is_heavy(self) -> bool:
        """Whether the browser keeps so much memory that the next capture might lack it."""
        return processes.private_bytes(self._browser_pids()) > _HEAVY * limit_bytes(self.config)

    async def discard(self, instance: BrowserInstance) -> None:
        """Give up a browser that was found dead or hanging; the next capture gets a new one."""
        instance.broken = True
        await self.finish(self._replace(instance))

    async def _replace(self, instance: BrowserInstance | None) -> None:
        async with self._changing:
            if instance is not None and self.instance is instance:
                await self._drop(instance)

    async def _drop(self, instance: BrowserInstance) -> None:
        self.instance = None
        for slot in self._pool.slots if self._pool else ():
            slot.forget(instance)
        await instance.end()

    def _prepare_once(self) -> None:
        if self.launches == 0 and self.failed_launches == 0:
            confine.forbid_memory_access()
            cleanup.become_subreaper()
            self.watchdog = Watchdog(limit_bytes(self.config), self._browser_pids, self._kill_for_memory)

    def _fallback_listener(self) -> Listener:
        """A listener that never begins: what has no context of its own reaches nothing."""
        if self._fallback is None:
            self._fallback = self.guard().open_listener()
        return self._fallback

    def _browser_pids(self) -> list[int]:
        instance = self.instance
        return [p for root in instance.pids[:1] for p in processes.tree(root)] if instance else []

    def _kill_for_memory(self) -> None:
        if instance := self.instance:
            instance.memory_killed = instance.broken = True
            # Seen again while the browser dies, when the others may have left already.
            instance.shared_when_killed |= self._pool is not None and self._pool.busy > 1
            processes.kill_groups(instance.pids[:1])

    # -- the slots -----------------------------------------------------------------------------------------------

    def slot_count(self) -> int:
        """How many captures run at once: one on Lambda, else WORKERS or the number of CPUs."""
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            return 1
        return self.config.workers or min(4, os.cpu_count() or 1)

    async def acquire_slot(self, *, alone: bool = False) -> Slot:
        """A slot, waiting in a bounded queue; `alone` waits until nobody else captures, and lets nobody in.

        So does a browser that is worn: it is replaced between two captures, or steady work would keep it for ever.
        Raises ConcurrencyLimit when the queue is full.
        """
        if cleanup.short_of_room():
            await asyncio.to_thread(cleanup.remove_leftovers)
        pool = self._open_pool()
        slot = await pool.acquire(lambda: alone or self._needs_recycling())
        try:
            if pool.alone and self._needs_recycling():
                await self.finish(self._replace(self.instance))
        except BaseException:
            pool.release(slot)
            raise
        if not alone:
            pool.release_others()
        return slot

    def _open_pool(self) -> SlotPool:
        if self._pool is None:
            fresh = self.config.browser_isolation == "fresh"
            # All or none: without a guard there is no slot, and the next capture hears why as well.
            slots = [Slot(i, self.guard().open_listener(), fresh) for i in range(self.slot_count())]
            self._pool = SlotPool(slots, self.config.queue_size)
        return self._pool

    def release_slot(self, slot: Slot) -> None:
        if self._pool is not None:
            self._pool.release(slot)

    def figures(self) -> dict[str, Any]:
        """What /health shows of the browser."""
        instance = self.instance
        return {
            "browser": instance.version if instance else None,
            "launch_profile": instance.launch_profile if instance else None,
            "launches": self.launches,
            "captures": self.captures,
            "captures_since_launch": instance.captures if instance else 0,
            "slots": self.slot_count(),
            "busy": self._pool.busy if self._pool else 0,
            "waiting": self._pool.waiting if self._pool else 0,
            "browser_memory_bytes": processes.private_bytes(self._browser_pids()),
            "zombies": processes.zombies(),
        }

    async def close(self) -> None:
        """End the browser and leave nothing behind; for servers that shut down and for tests."""
        # Captures that were cut may have left changes under way; the last of them ends the browser.
        await self.settled()
        await self.finish(self._replace(self.instance))
        if self._guard is not None:
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self._guard.stop)
            self._guard, self._pool, self._fallback = None, None, None


runtime = Runtime()
