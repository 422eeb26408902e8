"""Start the Playwright driver and one Chromium: which switches, which environment, which private directory."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BrowserUnavailable
from ..page import user_agents
from ..settings import Settings, rows
from . import cleanup, confine, driver_preload, processes
from .chromium_path import find_chromium, version_of

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

log = logging.getLogger("stillframe")

# Playwright switches these protections off for tests; a service that runs strangers' scripts wants them back.
_UNWANTED = [*confine.DROPPED_DEFAULTS, "--enable-unsafe-swiftshader"]
# Chromium takes the last --blink-settings only, so Playwright's own come with ours. A main frame that does not clip can
# be taken whole as it stands; captureBeyondViewport lays it out at 1×1 px and back, and pages answer that resize.
_BLINK = "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4,mainFrameClipsContent=false"
_ARGS = ["--disable-gpu", "--hide-scrollbars", f"--blink-settings={_BLINK}"]
LAUNCH_SECONDS = 20.0


@dataclass(slots=True)
class BrowserInstance:
    """One browser with its driver and its private directory; replaced as a whole."""

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
    pids: list[int] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        return not self.broken and self.browser.is_connected()

    async def ask(self) -> str:
        """A round trip through driver and browser; its product and version."""
        session = await self.browser.new_browser_cdp_session()
        answer = await session.send("Browser.getVersion")
        await session.detach()
        return str(answer["product"])

    async def end(self) -> None:
        """Close politely within two seconds, then end the process group, then remove the directory."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0.1 if self.broken else 2):
                await self.browser.close()
        processes.kill_groups(processes.using(self.directory))
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await self.playwright.stop()
        # A driver that hangs stops for nobody.
        processes.kill_groups(processes.children_using(self.directory))
        await asyncio.to_thread(cleanup.remove, self.directory)


# Environments refuse different things: each launch_profile gives something up, and the first that starts is remembered.
LAUNCH_PROFILES: dict[str, list[str]] = {
    "confined": ["--no-sandbox"],
    "plain": ["--no-sandbox"],
    "in_process_gpu": ["--no-sandbox", "--in-process-gpu", "--no-zygote"],
}
_remembered: list[str] = []


async def launch(settings: Settings, proxy_url: str) -> BrowserInstance:
    """Start a browser whose only way out is `proxy_url`. Raises BrowserUnavailable naming what was tried."""
    path = find_chromium(settings.chromium_path)
    directory = cleanup.new_directory()
    # Found out while the driver starts, which takes ten times as long.
    version = asyncio.create_task(asyncio.to_thread(version_of, path))
    reasons: list[str] = []
    for launch_profile in _remembered or list(LAUNCH_PROFILES):
        playwright = await _driver(directory, confined=launch_profile == "confined")
        try:
            browser = await _start(playwright, path, directory, proxy_url, launch_profile, await version)
        except Exception as error:
            reasons.append(
                f"{launch_profile}: {(str(error).strip() or type(error).__name__).splitlines()[0][:200]}"
            )
            log.warning(
                "browser launch failed", extra={"launch_profile": launch_profile, "reason": reasons[-1]}
            )
            processes.kill_groups(processes.using(directory))
            with contextlib.suppress(Exception):
                await playwright.stop()
            continue
        _remembered[:] = [launch_profile]
        pids = processes.using(directory)
        return BrowserInstance(playwright, browser, directory, browser.version, launch_profile, pids=pids)
    _remembered.clear()
    cleanup.remove(directory)
    raise BrowserUnavailable(f"The browser could not be started ({'; '.join(reasons)}).", retry_after=2)


async def _driver(directory: Path, *, confined: bool) -> Playwright:
    secrets = [row.env for row in rows() if row.secret]

    def change(environ: dict[str, str]) -> dict[str, str]:
        # The driver gets no credentials, and a TMPDIR of its own, so that one directory holds all there is to sweep.
        confine.scrub(environ, secrets)
        return environ | {"TMPDIR": str(directory)}

    try:
        with (
            confine.child_environment(change),
            contextlib.nullcontext() if confined else confine.unconfined_children(),
        ):
            async with driver_preload.driver():
                from playwright.async_api import async_playwright

                async with asyncio.timeout(LAUNCH_SECONDS):
                    return await async_playwright().start()
    except Exception as error:
        processes.kill_groups(processes.children_using(directory))
        cleanup.remove(directory)
        raise BrowserUnavailable("The browser driver could not be started.", retry_after=2) from error


async def _start(
    playwright: Playwright,
    path: str,
    directory: Path,
    proxy_url: str,
    launch_profile: str,
    version: str | None,
) -> Browser:
    # A shared worker belongs to no page, so it knows the browser's own user agent only.
    agent = [f"--user-agent={user_agents.default(version).string}"] if version else []
    port = int(proxy_url.rsplit(":", 1)[1])
    return await playwright.chromium.launch(
        executable_path=path,
        headless=True,
        args=[*_ARGS, *agent, *LAUNCH_PROFILES[launch_profile], *confine.egress_flags(port)],
        ignore_default_args=_UNWANTED,
        proxy={"server": proxy_url},
        env={**confine.minimal_environment(directory)},
        timeout=LAUNCH_SECONDS * 1000,
        handle_sigint=False,
        handle_sigterm=False,
        handle_sighup=False,
    )
