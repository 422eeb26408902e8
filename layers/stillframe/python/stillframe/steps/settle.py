"""Let the page come to rest: late requests, fonts, images in view, animations; every wait soft and reported."""

from __future__ import annotations

from typing import Annotated, Literal

from ..lease import PageLease
from ..options import option
from .full_page import run_asset
from .load import LoadOptions


class SettleOptions(LoadOptions):
    wait_for_network: Annotated[Literal["idle", "mostly_idle"] | None, option("Wait until no (`idle`) or at most two (`mostly_idle`) requests were under way for half a second.", pixashot=True, group="waits")] = None  # fmt: skip
    wait_for_animation: Annotated[bool, option("Wait until CSS animations and transitions have ended.", pixashot=True, group="waits")] = False  # fmt: skip
    delay_capture: Annotated[int, option("Milliseconds to wait before the capture.", aliases=("delay", "wait_delay"), pixashot=True, group="waits", ge=0)] = 0  # fmt: skip


async def settle(lease: PageLease, options: SettleOptions, budget_ms: int = 5_000) -> None:
    """Wait as the options say, then for the page to be ready to be seen."""
    if options.wait_for_network:
        allowed = 0 if options.wait_for_network == "idle" else 2
        cap = lease.deadline.share(0.5, options.wait_for_timeout)
        if not await lease.network_quiet(allowed, 500, cap):
            lease.report.warn(
                "network_busy", f"The network did not become {options.wait_for_network} in time."
            )
    if options.delay_capture:
        await lease.page.wait_for_timeout(lease.deadline.timeout(options.delay_capture, "delay_capture"))
    if options.wait_until == "settled":
        await settle_in_real_time(lease)
    if options.wait_for_animation:
        await finish_animations(lease, options)


async def settle_in_real_time(lease: PageLease) -> None:
    """Fonts, images in view and two frames, with the network quiet for a short while."""
    cap = lease.deadline.share(0.3, 3_000)
    if not await lease.network_quiet(0, 100, cap):
        lease.report.warn("network_busy", "Requests were still under way when the page was captured.")
    seconds = max(0.05, lease.deadline.share(0.3, 3_000) / 1000)
    pending = await run_asset(lease, "settle_ready", {"milliseconds": seconds * 900}, seconds)
    if pending:
        lease.report.warn("page_unsettled", f"Not finished when the page was captured: {', '.join(pending)}.")


async def finish_animations(lease: PageLease, options: SettleOptions) -> None:
    """Wait for the animations that have an end."""
    seconds = max(0.05, lease.deadline.share(0.5, options.wait_for_timeout) / 1000)
    ended = await run_asset(lease, "settle_animations", {"milliseconds": seconds * 900}, seconds)
    if ended is False:
        lease.report.warn("animation_running", "An animation had not ended when the page was captured.")
