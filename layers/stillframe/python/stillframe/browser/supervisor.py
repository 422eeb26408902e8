"""Starts the one browser, replaces a lost or used one, and kills one that takes too much memory."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from typing import Any

from .. import telemetry
from ..errors import BrowserUnavailable
from ..settings import Settings
from . import cleanup, environment, event_loop, own_memory, processes
from .launch import BrowserInstance, launch
from .loop_thread import UninterruptedWork
from .own_memory import OwnMemory
from .watchdog import MemoryUse, Watchdog, limit_bytes

log = logging.getLogger("stillframe")

# An idle browser that keeps more than this share of the memory limit is replaced.
_RECYCLE_MEMORY_SHARE = 0.8
# The process tree is measured at every tenth capture: walking it takes one or two milliseconds.
_MEASURE_EVERY = 10
# A driver needs 75 MB. One that has more than this is killed with a browser that is killed for its memory.
_DRIVER_GROWN_BYTES = 95_000_000
# One that keeps more than this after a capture is replaced with its browser, because Node returns memory only
# under pressure. Without any flood its memory rises during the first twenty captures: to 103 MB with results
# of 0.7 MB, to 119 MB with 1 MB and to 133 MB with 2.5 MB (Playwright 1.65).
_DRIVER_KEEPS_BYTES = 130_000_000
# A result passes through the driver as base64 in a JSON message, so Node has several copies of it. They are
# the service's own, and no reason to replace a warm browser.
_COPIES_OF_A_RESULT = 8
# A browser that answered this recently is not asked again before a capture.
_ANSWERED_SECONDS = 5.0
_PING_SECONDS = 2.0

Launch = Callable[[Settings, Callable[[], int]], Any]


class BrowserSupervisor:
    """Owns the browser instance.

    A launch or a shutdown runs to its end: an interrupted launch would leave a driver that nobody owns, and
    one that ends too late for its capture serves the next one.
    """

    watchdog: Watchdog

    def __init__(
        self,
        config: Callable[[], Settings],
        open_port: Callable[[], int],
        captures_running: Callable[[], int],
        on_replaced: Callable[[BrowserInstance], None],
        start: Launch = launch,
    ) -> None:
        """`open_port` gives the port of a guard that denies everything.

        `on_replaced` forgets an instance's pages.
        """
        self._config, self._open_port, self._start = config, open_port, start
        self._captures_running, self._on_replaced = captures_running, on_replaced
        self._changing = asyncio.Lock()
        self._work = UninterruptedWork()
        self.instance: BrowserInstance | None = None
        self.own_memory = OwnMemory()
        self.launches = 0
        self.failed_launches = 0
        self.captures = 0

    async def ensure(self) -> BrowserInstance:
        """The running browser, or a new one; concurrent callers share one launch.

        Raises BrowserUnavailable.
        """
        return await self._work.run(self._ensure())

    async def _ensure(self) -> BrowserInstance:
        async with self._changing:
            if self.instance is not None:
                if await self._is_usable(self.instance):
                    return self.instance
                telemetry.count("BrowserRestarts")
                await self._close(self.instance)
            self._prepare_process()
            await asyncio.to_thread(cleanup.remove_leftovers)
            try:
                self.instance = await self._start(self._config(), self._open_port)
            except BrowserUnavailable:
                self.failed_launches += 1
                telemetry.count("LaunchFailures")
                if self.failed_launches >= 2 and "AWS_LAMBDA_RUNTIME_API" in os.environ:
                    log.critical("the browser failed to start twice; ending this environment")
                    os._exit(1)  # Lambda replaces the environment; nothing else would help
                raise
            self.launches += 1
            self.failed_launches = 0
            # Processes that were killed before the launch have exited by now.
            cleanup.reap_children(event_loop.own_children())
            log.info(
                "browser launched",
                extra={"version": self.instance.version, "launch_profile": self.instance.launch_profile},
            )
            return self.instance

    async def probe(self) -> str:
        """A round trip to the running browser, or to a new one; its version. Raises BrowserUnavailable."""
        for last in (False, True):
            instance = await self.ensure()
            try:
                async with asyncio.timeout(3):
                    return await instance.ping()
            except Exception as error:
                await self.discard(instance)
                if last:
                    raise BrowserUnavailable("The browser does not answer.", retry_after=2) from error
        raise AssertionError("unreachable")

    async def _is_usable(self, instance: BrowserInstance) -> bool:
        """Whether this browser can take a capture.

        After a pause it must answer, because a frozen one looks alive.
        """
        if not instance.alive:
            return False
        if time.monotonic() - instance.used_at < _ANSWERED_SECONDS:
            return True
        try:
            async with asyncio.timeout(_PING_SECONDS):
                await instance.ping()
        except Exception:
            instance.broken = True
            return False
        instance.used_at = time.monotonic()
        return True

    def needs_recycling(self) -> bool:
        """Whether the browser has served its captures, or fills the temporary directory or the memory."""
        instance = self.instance
        if instance is None or not instance.alive:
            return False
        if instance.captures >= self._config().max_requests or cleanup.is_disk_nearly_full():
            return True
        expected = _DRIVER_KEEPS_BYTES + _COPIES_OF_A_RESULT * instance.output_bytes
        if processes.private_bytes(instance.driver_pids) > expected:
            return True
        return instance.captures % _MEASURE_EVERY == _MEASURE_EVERY - 1 and self._keeps_too_much_memory()

    def _keeps_too_much_memory(self) -> bool:
        limit = limit_bytes(self._config())
        return sum(self.memory_use()) > _RECYCLE_MEMORY_SHARE * limit

    async def discard(self, instance: BrowserInstance) -> None:
        """Replace a browser that was found dead or hanging; the next capture gets a new one."""
        instance.broken = True
        await self._work.run(self._replace(instance, "BrowserRestarts"))

    async def recycle(self) -> None:
        """Close the running browser, if there is one, as planned."""
        await self._work.run(self._replace(self.instance, "BrowserRecycles"))

    async def _replace(self, instance: BrowserInstance | None, metric: str) -> None:
        async with self._changing:
            if instance is not None and self.instance is instance:
                telemetry.count(metric)
                await self._close(instance)

    async def _close(self, instance: BrowserInstance) -> None:
        self.instance = None
        self._on_replaced(instance)
        await instance.close()

    def _prepare_process(self) -> None:
        if self.launches == 0 and self.failed_launches == 0:
            environment.forbid_memory_access()
            own_memory.return_large_blocks()
            cleanup.become_subreaper()
            self.watchdog = Watchdog(limit_bytes(self._config()), self.memory_use, self._kill_for_memory)

    def browser_pids(self) -> list[int]:
        """The browser's process and all of its descendants."""
        instance = self.instance
        return [p for root in instance.pids[:1] for p in processes.tree(root)] if instance else []

    def memory_use(self) -> MemoryUse:
        """Private memory of the browser with its driver, and of this process."""
        instance = self.instance
        drivers = instance.driver_pids if instance else []
        return MemoryUse(
            processes.private_bytes([*drivers, *self.browser_pids()]),
            processes.private_bytes([os.getpid()]),
        )

    def _kill_for_memory(self) -> None:
        if instance := self.instance:
            if not instance.memory_killed:
                telemetry.count("MemoryKills")
            instance.memory_killed = instance.broken = True
            # The watchdog calls again while the browser dies, when other captures may have ended already.
            instance.shared_when_killed |= self._captures_running() > 1
            processes.kill_groups(instance.pids[:1])
            if processes.private_bytes(instance.driver_pids) > _DRIVER_GROWN_BYTES:
                # Without this the driver would still send what it has read to this process.
                processes.kill_groups(instance.driver_pids)

    def figures(self) -> dict[str, Any]:
        """The browser's part of /health."""
        instance = self.instance
        return {
            "browser": instance.version if instance else None,
            "launch_profile": instance.launch_profile if instance else None,
            "launches": self.launches,
            "captures": self.captures,
            "captures_since_launch": instance.captures if instance else 0,
        }

    async def close(self) -> None:
        """Close the browser once every launch and shutdown that is under way has ended."""
        await self._work.wait_for_all()
        await self.recycle()
