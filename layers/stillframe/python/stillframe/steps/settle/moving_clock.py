"""Commands to a settled page that need its tasks, which do not run while its virtual clock stands still."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Any

from ...page.session import PageSession

# Seconds between two looks at a command.
_TICK = 0.01
# Milliseconds of page time after which Chromium prints without the images that it waits for.
_LEAP = 2_500
# Seconds for a session of DevTools to be detached.
_DETACH_SECONDS = 2.5
# Seconds that printing may take before the clock moves: most pages need no task of theirs.
_PATIENCE = 0.25


async def send_while_time_advances(session: PageSession, method: str, params: dict[str, Any]) -> Any:
    """Send a command that always needs the page's tasks."""
    return await _advance_until_done(session, session.cdp.send(method, params), 0)


async def print_while_time_advances(session: PageSession, printing: Coroutine[Any, Any, bytes]) -> bytes:
    """Print; Chromium waits for images that begin to load then, and stops waiting by the page's clock."""
    late = session.network.inflight > 0
    data: bytes = await _advance_until_done(session, printing, _PATIENCE, late=late)
    if session.network.inflight and not late:
        session.report.warn("network_busy", "Requests were still in flight when the page was printed.")
    return data


async def _advance_until_done(
    session: PageSession, work: Coroutine[Any, Any, Any], patience: float, *, late: bool = False
) -> Any:
    """Await the work; the page's clock keeps pace with the real one, or leaps when requests are `late`."""
    task = asyncio.ensure_future(work)
    cdp: Any = None
    try:
        if not stands_still(session):
            return await task
        if patience and (await asyncio.wait([task], timeout=patience))[0]:
            return task.result()
        cdp = await session.page.context.new_cdp_session(session.page)
        before = time.monotonic()
        while not (await asyncio.wait([task], timeout=_TICK))[0]:
            now = time.monotonic()
            step = _LEAP if late else 1000 * (now - before)
            await cdp.send("Emulation.setVirtualTimePolicy", {"policy": "advance", "budget": round(step) + 1})
            before = now
        return task.result()
    finally:
        task.cancel()
        if cdp is not None:
            with contextlib.suppress(Exception):
                await cdp.detach()


def stands_still(session: PageSession) -> bool:
    """Whether the page was settled in virtual time, so that its clock stands still."""
    return bool(session.report.facts.get("settle", {}).get("mode") == "virtual")


async def advance_clock(session: PageSession, milliseconds: float) -> None:
    """Let the page's tasks run for this much page time, and stop its clock again where it stood still."""
    if not stands_still(session):
        await asyncio.sleep(session.deadline.share(0.1, milliseconds) / 1000)
        return
    # A session of its own that is detached afterwards, because a capture works only after that.
    cdp = await session.deadline.run(session.page.context.new_cdp_session(session.page), "clock", 2_000)
    expired = asyncio.Event()
    cdp.on("Emulation.virtualTimeBudgetExpired", lambda _: expired.set())
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1):
            policy = {"policy": "advance", "budget": max(1, round(milliseconds))}
            await cdp.send("Emulation.setVirtualTimePolicy", policy)
            await expired.wait()
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_DETACH_SECONDS):
            await cdp.detach()
