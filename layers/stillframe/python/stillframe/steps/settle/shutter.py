"""Take the picture of a page that may have stopped drawing: then what holds it up is removed step by step."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from ...page import world
from ...page.assets import call_page_script
from ...page.session import PageSession
from ...page.stopping import abort_stalled_requests, draw_anew
from .moving_clock import advance_clock

# Seconds without a picture after which the page is helped. A large picture takes longer and loses nothing.
_PATIENCE = 2.0
# The share of the time left that a picture may take in virtual time, so that it can be tried in real time.
_SHARE = 0.6
_STEP_MS = 1_500
# Milliseconds of page time in which what waits for the clock is done.
_LEAP = 2_000


async def take(session: PageSession, shot: Coroutine[Any, Any, Any]) -> Any:
    """The result of `shot`, a command that needs a frame. Raises DeadlineExceeded."""
    share = session.deadline.share(_SHARE, float("inf")) if session.virtual_time else None
    return await session.deadline.run(_take(session, shot), "shoot", share)


async def _take(session: PageSession, shot: Coroutine[Any, Any, Any]) -> Any:
    task = asyncio.ensure_future(shot)
    try:
        for help_page in (None, _finish_transitions, _abort_requests, _let_time_pass, _draw):
            if help_page is not None:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(2 * _STEP_MS / 1000):
                        await help_page(session)
            if (await asyncio.wait([task], timeout=_PATIENCE))[0]:
                break
        return await task
    finally:
        task.cancel()


async def _finish_transitions(session: PageSession) -> None:
    """Skip a view transition, which keeps the page from being drawn until its new state is there."""
    await call_page_script(session, "steps/settle/finish_transition.js")
    await advance_clock(session, 100)


async def _abort_requests(session: PageSession) -> None:
    await abort_stalled_requests(session, _STEP_MS)
    await advance_clock(session, 100)


async def _let_time_pass(session: PageSession) -> None:
    """Advance the clock: requests that ended while it stood still may keep a page from being drawn."""
    await advance_clock(session, _LEAP)


async def _draw(session: PageSession) -> None:
    """Draw the page anew if no frame comes; a large picture alone may take this long too."""
    try:
        async with asyncio.timeout(_STEP_MS / 1000):
            await world.call(session, "() => new Promise((done) => requestAnimationFrame(() => done()))")
    except TimeoutError:
        await draw_anew(session)
        await advance_clock(session, _LEAP)
