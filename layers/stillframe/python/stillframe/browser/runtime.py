"""The one owner of the event loop and the browser, in module scope, so that warm invocations share them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from ..egress import EgressGuard, EgressPolicy, Listener
from ..errors import BrowserUnavailable, CaptureError, ConcurrencyLimit
from ..settings import Settings, settings
from . import confine, processes, tidy
from .launch import Generation, launch
from .slots import Slot
from .watchdog import Watchdog, limit_bytes

log = logging.getLogger("stillframe")
T = TypeVar("T")
# Share of the memory limit that an idle browser may keep.
_HEAVY = 0.8


# A browser that worked this recently is taken at its word.
_TRUSTED_SECONDS = 5.0


class Runtime:
    """A thread with an event loop; on it a guard, one browser and the capture slots.

    The loop has a thread of its own so that every door can use it: a plain function (`run`), another event loop
    (`arun`), and nothing at all between two invocations.
    """

    def __init__(self, config: Settings | None = None, guard: EgressGuard | None = None) -> None:
        self._config = config
        self._guard = guard
        self._start_lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.generation: Generation | None = None
        self._slots: asyncio.Queue[Slot] | None = None
        self._all_slots: list[Slot] = []
        self._waiting = 0
        self.launches = 0
        self.failed_launches = 0
        self.captures = 0

    @property
    def config(self) -> Settings:
        return self._config or settings()

    # -- the loop ------------------------------------------------------------------------------------------------

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, started with its thread on first use."""
        if self._loop is None:
            with self._start_lock:
                if self._loop is None:
                    loop = confine.ConfiningEventLoop()
                    threading.Thread(target=loop.run_forever, name="stillframe-browser", daemon=True).start()
                    self._loop = loop
        return self._loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the browser's loop and wait for it; for callers without a loop of their own."""
        return asyncio.run_coroutine_threadsafe(work, self.loop()).result()

    async def arun(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the browser's loop from another one; cancelling the wait cancels the work."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop()))

    # -- the browser ---------------------------------------------------------------------------------------------

    def guard(self) -> EgressGuard:
        """The egress guard, started; without it there is no browser."""
        with self._start_lock:
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

    _warming: Future[None] | None = None

    async def _warm(self) -> None:
        try:
            generation = await self.ensure(with_slot=False)
            self._open_slots()
            self._all_slots[0].prepare(generation)
        except CaptureError as error:
            # The first request tries again, and says why.
            log.warning("no browser during initialisation", extra={"code": error.code})

    async def ensure(self, *, with_slot: bool = True) -> Generation:
        """A living browser: the warm one, or a new one; callers at the same time share one launch.

        `with_slot` says that the caller has taken a slot, so that one less than all are free when nobody else works.
        """
        async with self._lock():
            generation = self.generation
            if tidy.short_of_room():
                await asyncio.to_thread(tidy.sweep)
            if generation is not None and await self._serves(generation, with_slot):
                return generation
            if generation is not None:
                await self._drop(generation)
            self._prepare_once()
            await asyncio.to_thread(tidy.sweep)
            fallback = self._fallback_listener()
            try:
                self.generation = await launch(self.config, fallback.url)
            except BrowserUnavailable:
                self.failed_launches += 1
                if self.failed_launches >= 2 and "AWS_LAMBDA_RUNTIME_API" in os.environ:
                    log.critical("the browser failed to start twice; ending this environment")
                    os._exit(1)  # Lambda replaces the environment; nothing else would help
                raise
            self.launches += 1
            self.failed_launches = 0
            tidy.bury()  # the launch gave what was killed before it the time to die
            log.info(
                "browser launched", extra={"version": self.generation.version, "rung": self.generation.rung}
            )
            return self.generation

    async def probe(self) -> str:
        """A round trip to the living browser, or to a new one; its version."""
        for last in (False, True):
            generation = await self.ensure(with_slot=False)
            try:
                async with asyncio.timeout(3):
                    return await generation.ask()
            except Exception as error:
                await self.discard(generation)
                if last:
                    raise BrowserUnavailable("The browser does not answer.", retry_after=2) from error
        raise AssertionError("unreachable")

    async def _serves(self, generation: Generation, with_slot: bool) -> bool:
        """Whether this browser can take a capture; after a pause it is asked, because a frozen one looks alive."""
        if not generation.alive or self._worn(generation, with_slot):
            return False
        if time.monotonic() - generation.used_at < _TRUSTED_SECONDS:
            return True
        try:
            async with asyncio.timeout(2):
                await generation.ask()
        except Exception:
            generation.broken = True
            return False
        generation.used_at = time.monotonic()
        return True

    def _worn(self, generation: Generation, with_slot: bool) -> bool:
        """Whether the browser has served its captures, or fills /tmp or memory, and nobody is using it now."""
        idle = self._slots is None or self._slots.qsize() == len(self._all_slots) - with_slot
        if not idle:
            return False
        if generation.captures >= self.config.max_requests or tidy.short_of_room():
            return True
        # Walking the process tree takes a millisecond or two.
        return generation.captures % 10 == 9 and self._is_heavy()

    def _is_heavy(self) -> bool:
        """Whether the idle browser keeps so much memory that the next capture might lack it."""
        return processes.private_bytes(self._browser_pids()) > _HEAVY * limit_bytes(self.config)

    async def discard(self, generation: Generation) -> None:
        """Give up a browser that was found dead or hanging; the next capture gets a new one."""
        async with self._lock():
            generation.broken = True
            if self.generation is generation:
                await self._drop(generation)

    async def _drop(self, generation: Generation) -> None:
        self.generation = None
        for slot in self._all_slots:
            slot.forget(generation)
        await generation.end()

    def _prepare_once(self) -> None:
        if self.launches == 0 and self.failed_launches == 0:
            confine.forbid_memory_access()
            tidy.adopt_orphans()
            self.watchdog = Watchdog(limit_bytes(self.config), self._browser_pids, self._kill_for_memory)

    _listener: Listener | None = None
    _mutex: asyncio.Lock | None = None
    watchdog: Watchdog

    def _fallback_listener(self) -> Listener:
        """A listener that never begins: what has no context of its own reaches nothing."""
        if self._listener is None:
            self._listener = self.guard().open_listener()
        return self._listener

    def _lock(self) -> asyncio.Lock:
        if self._mutex is None:
            self._mutex = asyncio.Lock()
        return self._mutex

    def _browser_pids(self) -> list[int]:
        generation = self.generation
        return [p for root in generation.pids[:1] for p in processes.tree(root)] if generation else []

    def _kill_for_memory(self) -> None:
        if generation := self.generation:
            generation.memory_killed = generation.broken = True
            processes.kill_groups(generation.pids[:1])

    # -- the slots -----------------------------------------------------------------------------------------------

    def slot_count(self) -> int:
        """How many captures run at once: one on Lambda, else WORKERS or the number of CPUs."""
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            return 1
        return self.config.workers or min(4, os.cpu_count() or 1)

    async def take_slot(self) -> Slot:
        """A free slot, waiting in a bounded queue. Raises ConcurrencyLimit when that is full."""
        slots = self._open_slots()
        if slots.empty() and self._waiting >= self.config.queue_size:
            raise ConcurrencyLimit("Every capture slot is busy and the queue is full.", retry_after=2)
        self._waiting += 1
        try:
            return await slots.get()
        finally:
            self._waiting -= 1

    def _open_slots(self) -> asyncio.Queue[Slot]:
        if self._slots is None:
            fresh = self.config.browser_isolation == "fresh"
            # All or none: without a guard there is no slot, and the next capture hears why as well.
            self._all_slots = [Slot(i, self.guard().open_listener(), fresh) for i in range(self.slot_count())]
            self._slots = asyncio.Queue()
            for slot in self._all_slots:
                self._slots.put_nowait(slot)
        return self._slots

    def return_slot(self, slot: Slot) -> None:
        if self._slots is not None:
            self._slots.put_nowait(slot)

    def figures(self) -> dict[str, Any]:
        """What /health shows of the browser."""
        generation = self.generation
        return {
            "browser": generation.version if generation else None,
            "rung": generation.rung if generation else None,
            "launches": self.launches,
            "captures": self.captures,
            "captures_of_browser": generation.captures if generation else 0,
            "slots": self.slot_count(),
            "busy": len(self._all_slots) - (self._slots.qsize() if self._slots else 0),
            "waiting": self._waiting,
            "browser_memory_bytes": processes.private_bytes(self._browser_pids()),
            "zombies": processes.zombies(),
        }

    async def close(self) -> None:
        """End the browser and leave nothing behind; for servers that shut down and for tests."""
        async with self._lock():
            if self.generation is not None:
                await self._drop(self.generation)
        if self._guard is not None:
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self._guard.stop)
            self._guard, self._slots, self._all_slots, self._listener = None, None, [], None


runtime = Runtime()
