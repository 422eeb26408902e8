"""Settle a page in real time; every wait has a limit, and a wait that runs out is a warning."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from ...page.assets import run_page_script
from ...page.session import PageSession
from ...page.stopping import cancel_navigation

# A script in the page ends itself after this share of its time, so that it can still report what is missing.
_OWN_SHARE = 0.9
# Milliseconds between two looks whether a consent banner is still being answered.
_LOOK_MS = 50


async def never() -> bool:
    """That nothing of ours changes the page."""
    return False


async def wait_while(busy: Callable[[], Awaitable[bool]], cap_ms: float) -> None:
    """Wait as long as something of ours changes the page, but at most `cap_ms`."""
    for _ in range(round(cap_ms / _LOOK_MS)):
        if not await busy():
            break
        await asyncio.sleep(_LOOK_MS / 1000)


async def settle_in_real_time(
    session: PageSession, *, scripts: bool = True, busy: Callable[[], Awaitable[bool]] = never
) -> None:
    """Wait for 100 ms without requests, a second without changes, fonts, images in view and two frames."""
    await wait_while(busy, session.deadline.share(0.2, 3_000))
    cap = session.deadline.share(0.3, 3_000)
    if not await session.network_quiet(0, 100, cap):
        session.report.warn("network_busy", "Requests were still in flight when the page was captured.")
    if session.network.navigating:
        # No script is answered in a page that waits for its next document.
        await cancel_navigation(session)
    cap = max(50, session.deadline.share(0.3, 3_000))
    if not scripts:
        return
    limits = {"quiet": 1_000, "milliseconds": cap * _OWN_SHARE}
    if await run_page_script(session, "steps/settle/settle_quiet.js", limits, cap) is None:
        await _terminate_script(session)
    # A banner that came meanwhile.
    await wait_while(busy, session.deadline.share(0.2, 3_000))
    limits = {"milliseconds": cap * _OWN_SHARE}
    pending = await run_page_script(session, "steps/settle/settle_ready.js", limits, cap)
    if pending:
        session.report.warn(
            "page_unsettled", f"Not finished when the page was captured: {', '.join(pending)}."
        )


async def _terminate_script(session: PageSession) -> None:
    """Terminate a script that blocks the page's main thread, because it would block the capture as well."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1):
            await session.cdp.send("Runtime.terminateExecution")
    session.report.warn("script_ended", "A script blocked the page and was terminated before the capture.")


async def finish_animations(session: PageSession, timeout_ms: float) -> None:
    """Wait for the animations that have an end."""
    cap = max(50, session.deadline.share(0.5, timeout_ms))
    limits = {"milliseconds": cap * _OWN_SHARE}
    ended = await run_page_script(session, "steps/settle/settle_animations.js", limits, cap)
    if ended is False:
        session.report.warn("animation_running", "An animation was still running when the page was captured.")


async def finish_view_transition(session: PageSession) -> None:
    """End a view transition that runs, because a picture of it shows the old state."""
    cap = max(50, session.deadline.share(0.2, 2_000))
    await run_page_script(session, "steps/settle/finish_transition.js", None, cap)
