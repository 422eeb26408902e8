"""Settle a page in virtual time: five seconds of its timers, animations and fetches pass in a few milliseconds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from ..lease import PageLease
from .virtual_clock import TimeStoodStill, VirtualClock

__all__ = ["TimeStoodStill", "settle_in_virtual_time"]

# Kept back for a page that changed: observers and transitions answer in real frames, between pieces of this size.
_PIECES, _PIECE = 3, 250.0
# A page that draws in frames gets steps of a second, so that transitions can follow one another.
_STEP = 1000.0
# Real seconds that all animation frames of one settle may cost before they are spaced out.
_FRAMES_COST = 0.3


async def settle_in_virtual_time(lease: PageLease, budget_ms: float) -> None:
    """Let `budget_ms` of page time pass, then leave the page standing still for the capture.

    Raises TimeStoodStill when the page has to be loaded anew and settled in real time.
    """
    clock = VirtualClock(lease, patience=lease.deadline.share(0.4, 2 * budget_ms) / 1000)
    try:
        state = await clock.open()
        if lease.page.workers or lease.network.websockets:
            await _hear_others(lease)
        await _pass_time(lease, clock, state, budget_ms)
    except TimeStoodStill:
        await clock.free()
        raise
    finally:
        await clock.close()
    if clock.stalled:
        lease.report.warn("network_busy", "Requests were still under way when the page was captured.")


async def _pass_time(lease: PageLease, clock: VirtualClock, state: dict[str, Any], budget: float) -> None:
    left = budget
    if state["frames"] or state["animations"]:
        left = await _in_steps(clock, left)
    else:
        kept = min(left, _PIECES * _PIECE)
        if left > kept:
            await clock.spend(left - kept)
            left = kept
    for _ in range(_PIECES):
        state = await clock.ask("look")
        if state.get("others"):
            await _hear_others(lease)
        elif not _alive(state):
            break
        await clock.ask("finish")
        piece = min(_PIECE, left) or 50.0
        await clock.spend(piece)
        left = max(0.0, left - piece)
    if left:
        await clock.spend(left)
    if _alive(await clock.ask("look")):
        await clock.ask("finish")


def _alive(state: dict[str, Any]) -> bool:
    return bool(state.get("changes") or state.get("animations"))


async def _in_steps(clock: VirtualClock, left: float) -> float:
    """Spend all but the kept pieces a second at a time; frames that cost much are drawn less often."""
    interval = 1000 / 60
    while left > _PIECES * _PIECE:
        step = min(_STEP, left - _PIECES * _PIECE)
        cost = await clock.spend(step)
        left -= step
        state = await clock.ask("finish")
        if state.get("drawn") and cost > _FRAMES_COST * step / 5000:
            interval = min(250.0, interval * cost / (_FRAMES_COST * step / 5000))
            await clock.ask("every", interval)
    return left


async def _hear_others(lease: PageLease) -> None:
    """A little real time for workers and sockets; a worker answers us only when it is not computing."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1.5):
            await asyncio.gather(
                *(worker.evaluate("0") for worker in lease.page.workers), return_exceptions=True
            )
    await asyncio.sleep(lease.deadline.share(0.1, 500) / 1000)
