"""The process's loop, guard, browser and capture slots, in module scope for warm invocations."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import socket
import sys
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import BrowserUnavailable, CaptureError, NotConfigured
from ..settings import Settings, settings
from . import cleanup, processes
from .launch import BrowserInstance, imported, launch
from .loop_thread import LoopThread
from .slot_pool import SlotPool
from .slots import Slot, isolation_of
from .supervisor import BrowserSupervisor, Launch

if TYPE_CHECKING:
    # Imported where it is used: the driver starts first.
    from ..egress import EgressGuard, Listener, Upstream

log = logging.getLogger("stillframe")
T = TypeVar("T")


# Seconds for which one thread may keep another from running Python while both have work.
_SHORT_TURN = 0.0005
# Seconds after which the other imports go on although those of the launch have not ended.
_HEAD_START_SECONDS = 1.0
# Seconds after which the first page is left to the first capture, which replaces a browser that hangs.
_PREPARE_SECONDS = 10.0


@contextlib.contextmanager
def _start_up() -> Iterator[None]:
    """Let the launch run beside the imports of the main thread, and collect no garbage meanwhile.

    Python changes threads every 5 ms, and each answer of driver and browser would wait for that. What was
    imported stays for good, so the collector need not look at it again.
    """
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_SHORT_TURN)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        sys.setswitchinterval(turn)


class Runtime:
    """One event loop in its thread, one egress guard, one browser, and the slots that captures run in."""

    def __init__(
        self, config: Settings | None = None, guard: EgressGuard | None = None, start: Launch = launch
    ) -> None:
        self._config = config
        self._guard = guard
        self._guard_starting = threading.Lock()
        self._reserved: socket.socket | None = None
        self._deny_all: Listener | None = None
        self._upstream: tuple[Settings, Upstream | None] | None = None
        self._pool: SlotPool | None = None
        self._warming: Future[None] | None = None
        self._thread = LoopThread("stillframe-browser")
        self.supervisor = BrowserSupervisor(
            lambda: self.config, self._deny_all_port, self._captures_running, self._forget_pages, start
        )

    @property
    def config(self) -> Settings:
        return self._config or settings()

    # The loop

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop on which every Playwright object lives."""
        return self._thread.loop()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for it, from a thread without a loop of its own."""
        return self._thread.run(work)

    async def arun(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop from another loop; cancelling the wait cancels the work."""
        return await self._thread.arun(work)

    # The guard

    def guard(self) -> EgressGuard:
        """The running egress guard; no browser is used without it. Raises BrowserUnavailable."""
        with self._guard_starting:
            if self._guard is None:
                from ..egress import EgressGuard, EgressPolicy

                config = self.config
                try:
                    policy = EgressPolicy.from_settings(
                        config.egress_allow,
                        config.egress_ports,
                        os.environ,
                        config.public_url,
                        config.egress_deny,
                    )
                except ValueError as error:
                    raise BrowserUnavailable(f"The egress policy cannot be read: {error}") from error
                self._guard = EgressGuard(policy)
                self._guard.start()
            if self._deny_all is None:
                self._deny_all = self._guard.open_listener(bound=self._reserved)
            return self._guard

    def upstream(self) -> Upstream | None:
        """The operator's proxy, read again when settings have changed, as a rotated password changes them.

        Raises NotConfigured naming the variable that cannot be read.
        """
        config = self.config
        if self._upstream is None or self._upstream[0] is not config:
            from ..egress import Upstream

            try:
                self._upstream = (config, Upstream.from_settings(config))
            except ValueError as error:
                raise NotConfigured(str(error)) from None
        return self._upstream[1]

    def _open_listener(self) -> Listener:
        from ..egress import PeerCheck

        # On Lambda nobody else runs in the sandbox; elsewhere only the browser may use its guard.
        check = None if cleanup.on_lambda() else PeerCheck(self.supervisor.browser_pids)
        return self.guard().open_listener(check)

    def _deny_all_port(self) -> int:
        """The port for browser traffic outside of captures: the guard denies it all.

        The first call only reserves the port, because the browser starts before the guard is imported. Until
        the next call starts the guard, nobody answers there.
        """
        if self._reserved is None and self._deny_all is None:
            self._reserved = socket.create_server(("127.0.0.1", 0))
            return int(self._reserved.getsockname()[1])
        self.guard()
        return self._deny_all.port if self._deny_all else 0

    # The browser

    @property
    def instance(self) -> BrowserInstance | None:
        """The browser, if one has been started."""
        return self.supervisor.instance

    def warm(self) -> None:
        """Start driver and browser; a function calls this first, and goes on with its imports.

        Until both programs run and the modules of the launch are imported, it waits: beside a thread that
        imports, that would take three times as long, and everything else waits for it.
        """
        if self._warming is None:
            self._warming = asyncio.run_coroutine_threadsafe(self._warm(), self.loop())
            imported.wait(_HEAD_START_SECONDS)

    async def _warm(self) -> None:
        with _start_up():
            try:
                instance = await self.supervisor.ensure()
                async with asyncio.timeout(_PREPARE_SECONDS):
                    await asyncio.shield(self._open_pool().slots[0].prepare(instance))
            except Exception as error:
                # The first request retries the launch and reports why it failed.
                code = error.code if isinstance(error, CaptureError) else type(error).__name__
                log.warning("no browser during initialisation", extra={"code": code})
            finally:
                imported.set()

    # The slots

    def slot_count(self) -> int:
        """How many captures run at once: one on Lambda, else WORKERS or the number of CPUs, at most four."""
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            return 1
        return self.config.workers or min(4, os.cpu_count() or 1)

    async def acquire_slot(self, *, exclusive: bool = False) -> Slot:
        """A capture slot, after waiting in a bounded queue. Raises ConcurrencyLimit when the queue is full.

        `exclusive` waits until no other capture runs, and keeps others out until the release. A browser that
        needs recycling is replaced in the same way: under steady work there would be no other moment.
        """
        if cleanup.is_disk_nearly_full():
            await asyncio.to_thread(cleanup.remove_leftovers)
        pool = self._open_pool()
        slot = await pool.acquire(lambda: exclusive or self.supervisor.needs_recycling())
        try:
            if pool.exclusive and self.supervisor.needs_recycling():
                await self.supervisor.recycle()
        except BaseException:
            pool.release(slot)
            raise
        if not exclusive:
            pool.release_others()
        return slot

    def release_slot(self, slot: Slot) -> None:
        """Give a slot to the next capture."""
        if self._pool is not None:
            self._pool.release(slot)

    def _open_pool(self) -> SlotPool:
        if self._pool is None:
            self.guard()  # raises without a guard, so that every capture reports the reason
            isolation = isolation_of(self.config)
            slots = [Slot(i, self._open_listener, isolation) for i in range(self.slot_count())]
            self._pool = SlotPool(slots, self.config.queue_size)
        return self._pool

    def _captures_running(self) -> int:
        return self._pool.busy if self._pool is not None else 0

    def _forget_pages(self, instance: BrowserInstance) -> None:
        for slot in self._pool.slots if self._pool is not None else ():
            slot.forget(instance)

    # The process

    def figures(self) -> dict[str, Any]:
        """The part of /health about browser and captures."""
        return {
            **self.supervisor.figures(),
            "slots": self.slot_count(),
            "busy": self._captures_running(),
            "waiting": self._pool.waiting if self._pool is not None else 0,
            "browser_memory_bytes": processes.private_bytes(self.supervisor.browser_pids()),
            "zombies": processes.zombies(),
        }

    async def close(self) -> None:
        """Close browser and guard; for servers that shut down and for tests."""
        await self.supervisor.close()
        if self._guard is not None:
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self._guard.stop)
        if self._reserved is not None:
            # The guard serves this very socket, so it is closed after it.
            self._reserved.close()
        self._guard = self._pool = self._deny_all = self._reserved = None


runtime = Runtime()
