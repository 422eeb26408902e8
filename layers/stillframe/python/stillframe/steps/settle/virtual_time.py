"""Settle a page in virtual time: seconds of its timers, animations and fetches pass in milliseconds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ...page.session import PageSession
from ...page.stopping import cancel_navigation, draw_anew
from .real_time import never
from .virtual_clock import TimeStoodStill, VirtualClock

# The end of the budget is kept for a page that changed: observers and transitions react in real frames, which
# are drawn between pieces of this many milliseconds.
_PIECES, _PIECE = 3, 250.0
# Milliseconds of one step on a page that draws frames, so that transitions can follow one another.
_STEP = 1000.0
# Real seconds that the animation frames of one virtual second may cost before they are drawn less often.
_FRAMES_COST = 0.06
# A consent banner is answered by messages between the page and this process, which take real seconds.
_BUSY_PIECES, _ROUND_TRIP = 20, 0.02
# How many times a document that came while time passed gets time of its own.
_NAVIGATIONS = 3
# Milliseconds of page time at the end of the page, in which a list that grows adds its next items.
_GROWTH = 600.0
# Milliseconds of page time in which observers are called.
_TASKS = 20.0
# Scrolling continues on a page that grows for this share of the time left, and for so many milliseconds.
_GROWTH_SHARE, _GROWTH_MS = 0.4, 20_000


async def settle_in_virtual_time(
    session: PageSession,
    budget_ms: float,
    scroll_to: float | None = None,
    *,
    scripts: bool = True,
    to_beginning: bool = False,
    busy: Callable[[], Awaitable[bool]] = never,
    expand: Callable[[], Awaitable[int]] | None = None,
) -> None:
    """Advance the page's clock by `budget_ms`, then leave it standing still for the capture.

    With `scroll_to` (CSS pixels) the page is scrolled through first, so that lazy content loads in that time,
    and then back to where it was, or `to_beginning`.
    Raises TimeStoodStill when the page has to be loaded again and settled in real time.
    """
    clock = VirtualClock(session, budget_ms, patience=session.deadline.share(0.4, 2 * budget_ms) / 1000)
    documents = session.network.documents
    try:
        state = await clock.open(watch=scripts)
        if state.get("undrawn"):
            with contextlib.suppress(TimeoutError):
                await draw_anew(session)
        if session.page.workers or session.network.websockets:
            await _wait_for_messages(session)
        if not scripts:
            await clock.advance(budget_ms)
        elif scroll_to is None:
            await _pass_time(session, clock, state, budget_ms)
        else:
            await _scroll_and_pass_time(session, clock, budget_ms, scroll_to, to_beginning=to_beginning)
        await _pass_time_while(busy, clock)
        if expand is not None and scripts and await expand():
            # Content that came late and overflows an area of its own is the page as well.
            budget = _PIECES * _PIECE
            if scroll_to is None:
                await clock.advance(budget)
            else:
                await _scroll_and_pass_time(session, clock, budget, scroll_to, to_beginning=to_beginning)
        await _finish_navigations(session, clock, documents)
    except TimeStoodStill as error:
        session.report.note("settle", {"mode": "real", "reason": error.reason})
        await clock.terminate_script()
        raise
    finally:
        await clock.close()
    session.report.note("settle", {"mode": "virtual", "page_ms": round(budget_ms)})
    if clock.stalled:
        session.report.warn("network_busy", "Requests were still in flight when the page was captured.")


async def _finish_navigations(session: PageSession, clock: VirtualClock, documents: int) -> None:
    """Give a document that came while time passed some time of its own, and cancel a navigation without one.

    Chromium draws no frame of a document that it has begun to load when the clock stands still.
    """
    network = session.network
    for _ in range(_NAVIGATIONS):
        if network.documents == documents:
            break
        documents = network.documents
        await clock.advance(_PIECES * _PIECE)
    if network.navigating:
        await cancel_navigation(session)


async def _pass_time_while(busy: Callable[[], Awaitable[bool]], clock: VirtualClock) -> None:
    """Let time pass as long as an answer to the page is under way, and a little more for what it changes."""
    answered = False
    for _ in range(_BUSY_PIECES):
        if not await busy():
            break
        answered = True
        await asyncio.sleep(_ROUND_TRIP)
        await clock.advance(_PIECE)
    if answered:
        await clock.advance(_STEP)


async def _scroll_and_pass_time(
    session: PageSession, clock: VirtualClock, budget: float, limit: float, *, to_beginning: bool
) -> None:
    """Scroll to the end of the page, again while it grows, then back, and pass the budget there."""
    end = time.monotonic() + session.deadline.share(_GROWTH_SHARE, _GROWTH_MS) / 1000
    reached = 0.0
    while True:
        state = await clock.call("sweep", reached, limit)
        reached, passed = state.get("reached", limit), 0.0
        if reached > state.get("view", reached):
            passed = min(_GROWTH, budget / 2)
            await clock.advance(passed)
            state = await clock.call("look")
        if min(state.get("height", 0), limit) > reached and time.monotonic() < end:
            # An observer of the end of the list has to be told that it left the window, in a call of its own.
            await clock.call("draw")
            await clock.advance(_TASKS)
            continue
        state = await clock.call("goBack", to_beginning)
        await _pass_time(session, clock, state, max(_PIECES * _PIECE, budget - passed))
        state = await clock.call("look")
        if min(state.get("height", 0), limit) <= reached:
            return
        if time.monotonic() >= end:
            break
        budget = _PIECES * _PIECE
    session.report.warn(
        "scroll_incomplete", "The page kept growing while it was scrolled through; its end is missing."
    )


async def _pass_time(session: PageSession, clock: VirtualClock, state: dict[str, Any], budget: float) -> None:
    """Advance by the budget: at once where nothing is drawn, else in pieces with a real frame after each."""
    left, kept = budget, min(budget, _PIECES * _PIECE)
    if state.get("frames") or state.get("animations"):
        left = await _pass_in_steps(clock, left, kept)
    elif left > kept:
        await clock.advance(left - kept)
        left = kept
    for _ in range(_PIECES):
        state = await clock.call("look")
        if state.get("others"):
            await _wait_for_messages(session)
        elif not _still_changing(state):
            break
        await clock.call("finish")
        piece = min(_PIECE, left) or 50.0
        await clock.advance(piece)
        left = max(0.0, left - piece)
    if left:
        await clock.advance(left)


def _still_changing(state: dict[str, Any]) -> bool:
    return bool(state.get("changes") or state.get("animations"))


async def _pass_in_steps(clock: VirtualClock, left: float, kept: float) -> float:
    """Advance by all but `kept` a second at a time; expensive frames are drawn less often."""
    interval = 1000 / 60
    state = {"frames": True}
    while left > kept:
        # Everything that was drawn has ended: the rest can pass at once.
        if not (state.get("frames") or _still_changing(state)):
            await clock.advance(left - kept)
            return kept
        step = min(_STEP, left - kept)
        cost = await clock.advance(step)
        left -= step
        state = await clock.call("finish")
        overspent = cost / (_FRAMES_COST * step / 1000)
        if state.get("drawn") and overspent > 1 and interval < 250:
            interval = min(250.0, interval * overspent)
            await clock.draw_every(interval)
    return left


async def _wait_for_messages(session: PageSession) -> None:
    """Give workers and sockets a little real time, because virtual time does not wait for their messages.

    tests/e2e/test_settle.py shows it on the pages `worker`, `worker_fetch`, `websocket` and `websocket_late`.
    """
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1.5):
            # A worker answers only between its tasks: an answer means that it has finished computing.
            await asyncio.gather(*(w.evaluate("0") for w in session.page.workers), return_exceptions=True)
    # Nothing announces a message, so this is a fixed wait of at most half a second.
    await asyncio.sleep(session.deadline.share(0.1, 500) / 1000)
