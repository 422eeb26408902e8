"""Starts the Playwright driver and one Chromium in an environment and a directory of their own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BrowserUnavailable
from ..page import user_agents
from ..settings import Settings
from . import cleanup, driver_preload, environment, processes, switches
from .browser_preload import HOOK, PreloadedBrowser
from .chromium_path import find_chromium, version_of
from .event_loop import child_environment, own_children, unconfined_children

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

log = logging.getLogger("stillframe")

# Set when the first driver and browser are starting and their modules are imported, or none will be.
imported = threading.Event()

LAUNCH_SECONDS = 20.0
# A browser that is asked to close gets this long, and one that is broken a tenth of a second, before it is
# killed.
_CLOSE_SECONDS = 2.0


@dataclass(slots=True)
class BrowserInstance:
    """One browser with its driver and its private directory; replaced as a whole.

    `output_bytes` is the size of the largest result that its driver has carried.
    """

    playwright: Playwright
    browser: Browser
    directory: Path
    version: str
    launch_profile: str
    captures: int = 0
    used_at: float = field(default_factory=time.monotonic)
    broken: bool = False
    memory_killed: bool = False
    shared_when_killed: bool = False
    output_bytes: int = 0
    pids: list[int] = field(default_factory=list)
    driver_pids: list[int] = field(default_factory=list)
    preloaded: PreloadedBrowser | None = None

    @property
    def alive(self) -> bool:
        return not self.broken and self.browser.is_connected()

    async def ping(self) -> str:
        """A round trip through driver and browser; returns the browser's product and version."""
        session = await self.browser.new_browser_cdp_session()
        answer = await session.send("Browser.getVersion")
        await session.detach()
        return str(answer["product"])

    async def close(self) -> None:
        """Ask the browser to close, kill its process group, stop the driver, then remove the directory."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0.1 if self.broken else _CLOSE_SECONDS):
                await self.browser.close()
        processes.kill_groups(processes.using(self.directory))
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.playwright.stop()
        # A driver that hangs does not stop by itself.
        processes.kill_groups(processes.children_using(self.directory))
        if self.preloaded:
            self.preloaded.close()
        await asyncio.to_thread(cleanup.remove, self.directory)


# Environments refuse different things. Each profile gives up one more, and the first that starts is
# remembered.
LAUNCH_PROFILES: dict[str, list[str]] = {
    "confined": ["--no-sandbox"],
    "plain": ["--no-sandbox"],
    "in_process_gpu": ["--no-sandbox", "--in-process-gpu", "--no-zygote"],
}
_remembered: list[str] = []


async def launch(settings: Settings, open_port: Callable[[], int]) -> BrowserInstance:
    """Start a browser whose only way out is the port that `open_port` gives.

    The first call reserves the port for a browser that starts at once, and the next starts the guard on it.
    Raises BrowserUnavailable with each reason.
    """
    path = find_chromium(settings.chromium_path)
    directory = cleanup.new_directory()
    # Read while the driver starts.
    version = asyncio.create_task(asyncio.to_thread(version_of, path))
    reasons: list[str] = []
    for profile in _remembered or list(LAUNCH_PROFILES):
        preloaded = PreloadedBrowser(directory) if driver_preload.is_early() else None
        attempt = _Attempt(path, directory, open_port, profile, version, preloaded)
        playwright = await attempt.driver()
        try:
            browser = await attempt.browser(playwright)
        except Exception as error:
            reasons.append(f"{profile}: {(str(error).strip() or type(error).__name__).splitlines()[0][:200]}")
            log.warning("browser launch failed", extra={"launch_profile": profile, "reason": reasons[-1]})
            processes.kill_groups(processes.using(directory))
            with contextlib.suppress(Exception):
                await playwright.stop()
            continue
        _remembered[:] = [profile]
        # Beside the imports of the main thread, each of the hundred files that a search of /proc reads waits
        # for a turn, and the first page waits for it all.
        pids = (preloaded.pids if preloaded else []) or processes.using(directory)
        children = processes.children_using(directory, own_children())
        return BrowserInstance(
            playwright,
            browser,
            directory,
            browser.version,
            profile,
            pids=pids,
            driver_pids=[pid for pid in children if pid not in pids],
            preloaded=preloaded,
        )
    _remembered.clear()
    cleanup.remove(directory)
    raise BrowserUnavailable(f"The browser could not be started ({'; '.join(reasons)}).", retry_after=2)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One launch profile, tried with a driver of its own."""

    path: str
    directory: Path
    open_port: Callable[[], int]
    profile: str
    version: asyncio.Task[str | None]
    preloaded: PreloadedBrowser | None

    async def driver(self) -> Playwright:
        """Playwright's driver, and beside it the browser that it will take, if that starts early."""
        # One directory holds all files of driver and browser.
        change = partial(environment.driver_environment, self.directory)
        early = self.preloaded
        try:
            with (
                child_environment(change),
                contextlib.nullcontext() if self.profile == "confined" else unconfined_children(),
            ):
                async with driver_preload.driver(HOOK if early else None, early.descriptors if early else ()):
                    if early:
                        await early.start((self.path, *await self._arguments()))
                        # The guard is imported and started here, while the driver starts.
                        self.open_port()
                    from playwright.async_api import async_playwright

                    imported.set()
                    async with asyncio.timeout(LAUNCH_SECONDS):
                        return await async_playwright().start()
        except Exception as error:
            if early:
                await early.discard()
            processes.kill_groups(processes.children_using(self.directory))
            cleanup.remove(self.directory)
            raise BrowserUnavailable("The browser driver could not be started.", retry_after=2) from error

    async def browser(self, playwright: Playwright) -> Browser:
        """The driver's browser: the one that runs already, or a new one."""
        try:
            return await playwright.chromium.launch(
                executable_path=self.path,
                headless=True,
                args=await self._arguments(),
                ignore_default_args=True,
                proxy={"server": f"http://127.0.0.1:{self.open_port()}"},
                env={**environment.minimal_environment(self.directory)},
                timeout=LAUNCH_SECONDS * 1000,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        finally:
            if self.preloaded and not self.preloaded.adopted:
                log.warning("the browser that was started early was not used")
                await self.preloaded.discard()

    async def _arguments(self) -> list[str]:
        """Every switch of the browser."""
        version = await self.version
        # A shared worker belongs to no page and reports the browser's own user agent.
        agent = [f"--user-agent={user_agents.default(version).string}"] if version else []
        return [
            *switches.AUTOMATION,
            *switches.RENDERING,
            *agent,
            *LAUNCH_PROFILES[self.profile],
            *switches.egress_flags(self.open_port()),
            f"--user-data-dir={self.directory / 'profile'}",
        ]
