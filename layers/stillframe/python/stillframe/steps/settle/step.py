"""The settle step: the caller's delays, then late requests, fonts, images and animations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from ...option_checks import at_most
from ...options import option
from ...page.session import PageSession
from ..full_page import scroll_through
from ..load import LoadOptions
from .real_time import finish_animations, finish_view_transition, never, settle_in_real_time, wait_while
from .virtual_time import settle_in_virtual_time


class SettleOptions(LoadOptions, group="waits"):
    wait_for_network: Literal["idle", "mostly_idle"] | None = option(
        None,
        "Wait until no (`idle`) or at most two (`mostly_idle`) requests have been in flight for 500 ms.",
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
        brief="Milliseconds to wait before the capture.",
    )


async def settle(
    session: PageSession,
    options: SettleOptions,
    budget_ms: int = 5_000,
    *,
    scroll_to: float | None = None,
    to_beginning: bool = False,
    scripts: bool = True,
    busy: Callable[[], Awaitable[bool]] = never,
    expand: Callable[[], Awaitable[int]] | None = None,
) -> None:
    """Wait as the options say, then until the page is ready to be captured.

    `scroll_to`: scroll through the page down to this many CSS pixels first, and then back to where it was, or
    `to_beginning`. `scripts`: False when JavaScript is off, so that nothing can be evaluated in the page.
    `busy`: true while something of ours is about to change the page. `expand`: give scroll areas the height
    of content that came meanwhile; how many there were.

    In virtual time the page's clock stands still afterwards: no later step may need the page's timers. Raises
    TimeStoodStill when the page must be loaded again with `session.virtual_time` off.
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
        await settle_in_virtual_time(
            session, budget, scroll_to, scripts=scripts, to_beginning=to_beginning, busy=busy, expand=expand
        )
        return
    patient = options.wait_until == "settled"
    if scroll_to is not None and scripts:
        await scroll_through(session, scroll_to, to_beginning=to_beginning, patient=patient)
    if options.delay_capture:
        await session.page.wait_for_timeout(session.deadline.timeout(options.delay_capture, "delay_capture"))
    if options.wait_until == "settled":
        await settle_in_real_time(session, scripts=scripts, busy=busy)
    elif scripts:
        await wait_while(busy, session.deadline.share(0.1, 1_000))
    if expand is not None and scripts and await expand() and scroll_to is not None:
        await scroll_through(session, scroll_to, to_beginning=to_beginning, patient=patient)
    if options.wait_for_animation and scripts:
        await finish_animations(session, options.wait_for_timeout)
    if scripts:
        await finish_view_transition(session)
