"""Settle a page in virtual time: five seconds of its timers, animations and fetches pass in a few milliseconds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from ..page.session import PageSession
from .virtual_clock import TimeStoodStill, VirtualClock

__all__ = ["TimeStoodStill", "settle_in_virtual_time"]

# Kept back for a page that changed: observers and transitions answer in real frames, between pieces of this size.
_PIECES, _PIECE = 3, 250.0
# A page that draws in frames gets steps of a second, so that transitions can follow one another.
_STEP = 1000.0
# Real seconds that the animation frames of one second may cost before they are drawn less often.
_FRAMES_COST = 0.06
# How often a page that grew while it was scrolled through is scrolled on.
_SWEEPS = 3


async def settle_in_virtual_time(
    session: PageSession, budget_ms: float, scroll_to: float | None = None, *, scripts: bool = True
) -> None:
    """Let `budget_ms` of page time pass, then leave the page standing still for the capture.

    With `scroll_to` (CSS pixels) the page is scrolled through first, so that lazy content comes within that time.
    Raises TimeStoodStill when the page has to be loaded anew and settled in real time.
    """
    clock = VirtualClock(session, budget_ms, patience=session.deadline.share(0.4, 2 * budget_ms) / 1000)
    try:
        state = await clock.open(watch=scripts)
        if session.page.workers or session.network.websockets:
            await _hear_others(session)
        if not scripts:
            await clock.spend(budget_ms)
        elif scroll_to is None:
            await _pass_time(session, clock, state, budget_ms)
        else:
            await _scroll_and_pass_time(session, clock, budget_ms, scroll_to)
    except TimeStoodStill as error:
        session.report.note("settle", {"mode": "real", "reason": error.reason})
        await clock.free()
        raise
    finally:
        await clock.close()
    session.report.note("settle", {"mode": "virtual", "page_ms": round(budget_ms)})
    if clock.stalled:
        session.report.warn("network_busy", "Requests were still under way when the page was captured.")


async def _scroll_and_pass_time(
    session: PageSession, clock: VirtualClock, budget: float, reach: float
) -> None:
    state: dict[str, Any] = {"reached": 0}
    for _ in range(_SWEEPS):
        state = await clock.ask("sweep", state.get("reached", 0), reach)
        reached = state.get("reached", reach)
        await _pass_time(session, clock, state, budget)
        state = await clock.ask("look") | {"reached": reached}
        if min(state.get("height", 0), reach) <= reached:
            return
        budget = _PIECES * _PIECE
    session.report.warn(
        "scroll_incomplete", "The page kept growing while it was scrolled through; its end is missing."
    )


async def _pass_time(session: PageSession, clock: VirtualClock, state: dict[str, Any], budget: float) -> None:
    """Spend the budget: at once where nothing is drawn, else in pieces with a real frame after each."""
    left, kept = budget, min(budget, _PIECES * _PIECE)
    if state.get("frames") or state.get("animations"):
        left = await _in_steps(clock, left, kept)
    elif left > kept:
        await clock.spend(left - kept)
        left = kept
    for _ in range(_PIECES):
        state = await clock.ask("look")
        if state.get("others"):
            await _hear_others(session)
        elif not _alive(state):
            break
        await clock.ask("finish")
        piece = min(_PIECE, left) or 50.0
        await clock.spend(piece)
        left = max(0.0, left - piece)
    if left:
        await clock.spend(left)


def _alive(state: dict[str, Any]) -> bool:
    return bool(state.get("changes") or state.get("animations"))


async def _in_steps(clock: VirtualClock, left: float, kept: float) -> float:
    """Spend all but what is kept a second at a time; frames that cost much are drawn less often."""
    interval = 1000 / 60
    state = {"frames": True}
    while left > kept:
        # Whatever was drawn has come to its end: the rest can pass at once.
        if not (state.get("frames") or _alive(state)):
            await clock.spend(left - kept)
            return kept
        step = min(_STEP, left - kept)
        cost = await clock.spend(step)
        left -= step
        state = await clock.ask("finish")
        dear = cost / (_FRAMES_COST * step / 1000)
        if state.get("drawn") and dear > 1 and interval < 250:
            interval = min(250.0, interval * dear)
            await clock.ask("every", interval)
    return left


async def _hear_others(session: PageSession) -> None:
    """A little real time for workers and sockets, whose messages virtual time does not wait for."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1.5):
            # A worker answers us only when it is not computing.
            await asyncio.gather(*(w.evaluate("0") for w in session.page.workers), return_exceptions=True)
    # Nothing tells when a message will come; half a second at most, and only of pages that have such senders.
    await asyncio.sleep(session.deadline.share(0.1, 500) / 1000)
