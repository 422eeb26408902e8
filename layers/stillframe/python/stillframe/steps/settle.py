"""Let the page come to rest: late requests, fonts, images in view, animations; every wait soft and reported."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

from ..option_checks import at_most
from ..options import option
from ..page.session import PageSession
from .full_page import run_asset, scroll_through
from .load import LoadOptions
from .virtual_time import settle_in_virtual_time


class SettleOptions(LoadOptions, group="waits"):
    wait_for_network: Literal["idle", "mostly_idle"] | None = option(
        None,
        "Wait until no (`idle`) or at most two (`mostly_idle`) requests were under way for half a second.",
        pixashot=True,
        shareable=True,
        linkable=True,
    )
    wait_for_animation: bool = option(
        False,
        "Wait until CSS animations and transitions have ended.",
        pixashot=True,
        shareable=True,
        linkable=True,
    )
    delay_capture: int = option(
        0,
        "Milliseconds to wait before the capture.",
        aliases=("delay", "wait_delay"),
        pixashot=True,
        ge=0,
        shareable=True,
        linkable=True,
        check=at_most("max_timeout_ms", "ms"),
    )


async def settle(
    session: PageSession,
    options: SettleOptions,
    budget_ms: int = 5_000,
    *,
    scroll_to: float | None = None,
    scripts: bool = True,
) -> None:
    """Wait as the options say, then for the page to be ready to be seen.

    `scroll_to`: how far down, in CSS pixels, to scroll through the page on the way; `scripts`: whether the page may
    run any, without which nothing in it can answer late, not even to us. Virtual time stands still
    afterwards, so nothing that needs the page's timers may follow. Raises TimeStoodStill when this page must be
    loaded anew with `session.virtual_time` off.
    """
    if options.wait_for_network:
        allowed = 0 if options.wait_for_network == "idle" else 2
        cap = session.deadline.share(0.5, options.wait_for_timeout)
        if not await session.network_quiet(allowed, 500, cap):
            session.report.warn(
                "network_busy", f"The network did not become {options.wait_for_network} in time."
            )
    if options.wait_until == "settled" and session.virtual_time:
        budget = budget_ms + options.delay_capture
        await settle_in_virtual_time(session, budget, scroll_to, scripts=scripts)
        return
    if scroll_to is not None and scripts:
        await scroll_through(session, scroll_to)
    if options.delay_capture:
        # The caller asked for this many milliseconds, under the deadline; in virtual time they cost none.
        await session.page.wait_for_timeout(session.deadline.timeout(options.delay_capture, "delay_capture"))
    if options.wait_until == "settled":
        await settle_in_real_time(session, scripts=scripts)
    if options.wait_for_animation and scripts:
        await finish_animations(session, options)


async def settle_in_real_time(session: PageSession, *, scripts: bool = True) -> None:
    """The network quiet for a short while, no change for a second, then fonts, images in view and two frames."""
    cap = session.deadline.share(0.3, 3_000)
    if not await session.network_quiet(0, 100, cap):
        session.report.warn("network_busy", "Requests were still under way when the page was captured.")
    seconds = max(0.05, session.deadline.share(0.3, 3_000) / 1000)
    if not scripts:
        return
    quiet = await run_asset(session, "settle_quiet", {"quiet": 1_000, "milliseconds": seconds * 900}, seconds)
    if quiet is None:
        await _end_script(session)
    pending = await run_asset(session, "settle_ready", {"milliseconds": seconds * 900}, seconds)
    if pending:
        session.report.warn(
            "page_unsettled", f"Not finished when the page was captured: {', '.join(pending)}."
        )


async def _end_script(session: PageSession) -> None:
    """A script that never lets go would take the picture with it."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1):
            await session.cdp.send("Runtime.terminateExecution")
    session.report.warn(
        "script_ended", "A script of the page did not let go and was ended before the capture."
    )


async def finish_animations(session: PageSession, options: SettleOptions) -> None:
    """Wait for the animations that have an end."""
    seconds = max(0.05, session.deadline.share(0.5, options.wait_for_timeout) / 1000)
    ended = await run_asset(session, "settle_animations", {"milliseconds": seconds * 900}, seconds)
    if ended is False:
        session.report.warn("animation_running", "An animation had not ended when the page was captured.")
