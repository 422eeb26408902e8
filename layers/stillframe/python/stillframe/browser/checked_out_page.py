"""The page on checkout as the pipeline holds it, and what is seen of the page meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..egress import as_error
from ..errors import CaptureError
from ..page.session import PageSession
from .launch import BrowserInstance
from .slots import Slot

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Page, Request, Response

# The guard's mark on an answer of its own; it takes the header off every origin's answer.
_GUARD = "x-stillframe-egress"
# A body that the page never reads never finishes; so many seconds after its headers it no longer counts as traffic.
_UNREAD = 1.0


@dataclass(slots=True)
class CheckedOutPage:
    """What the pipeline holds during one attempt: the session, the browser it came from and the slot's listener."""

    session: PageSession
    instance: BrowserInstance
    slot: Slot
    navigating: str | None = None
    refused: bool = False
    task: asyncio.Task[Any] | None = None
    crashed: bool = False

    def crash(self) -> None:
        """Wake the attempt: a page whose renderer has died answers to none of its waits."""
        if self.task is not None and not self.crashed:
            self.crashed = True
            self.task.cancel()

    def prepare_next(self) -> None:
        """Have the next capture's page on its way."""
        self.slot.prepare(self.instance)

    def network_error(self) -> CaptureError | None:
        """What the guard knows of the last main document asked for: denied, unreachable, or None when it was reached.

        The guard remembers hosts, not documents: an image that failed on the same host is no fault of the page.
        """
        if self.navigating is None or not self.refused:
            return None
        parts = urlsplit(self.navigating)
        if not parts.hostname:
            return None
        port = parts.port or (443 if parts.scheme == "https" else 80)
        outcome = self.slot.listener.outcome(parts.hostname, port)
        return as_error(outcome, parts.hostname) if outcome else None


def observe(checkout: CheckedOutPage, page: Page) -> None:
    """Count requests, remember the main document, keep errors, and close every page that is not ours."""
    network, report = checkout.session.network, checkout.session.report

    under_way: set[Request] = set()

    def leads(request: Request) -> bool:
        # The frame of a service worker's request cannot be asked for; such a request is no navigation.
        return request.is_navigation_request() and request.frame == page.main_frame

    def requested(request: Request) -> None:
        under_way.add(request)
        network.started()
        if leads(request):
            checkout.navigating, checkout.refused = request.url, False
            # The target's first answer is what there is most often to wait for.
            checkout.prepare_next()

    def answered(response: Response) -> None:
        refused = _GUARD in response.headers
        if leads(response.request):
            checkout.refused = refused
        elif refused and len(report.failed_requests) < 100:
            report.failed_requests.append("refused by the egress guard")
        if response.request.resource_type in ("fetch", "xhr"):
            asyncio.get_running_loop().call_later(_UNREAD, ended, response.request)

    def ended(request: Request) -> None:
        if request in under_way:
            under_way.discard(request)
            network.ended()

    def failed(request: Request) -> None:
        ended(request)
        if leads(request):
            checkout.refused = True
        if len(report.failed_requests) < 100:
            report.failed_requests.append(request.failure or "failed")

    # The loop itself holds a task only weakly.
    closings: set[asyncio.Task[None]] = set()

    def closing(popup: Page) -> None:
        task = asyncio.get_running_loop().create_task(_close_quietly(popup))
        closings.add(task)
        task.add_done_callback(closings.discard)

    heard = {"console": 0}

    def logged(message: ConsoleMessage) -> None:
        if message.type == "error":
            report.console.append(message.text[:500])
        # A page that talks without end would fill the loop; without a listener the driver stays silent.
        heard["console"] += 1
        if len(report.console) >= 50 or heard["console"] >= 500:
            page.remove_listener("console", logged)

    page.on("crash", lambda _: checkout.crash())
    page.on("request", requested)
    page.on("response", answered)
    page.on("requestfinished", ended)
    page.on("requestfailed", failed)
    page.on("websocket", lambda _: setattr(network, "websockets", network.websockets + 1))
    page.on("console", logged)
    page.on(
        "pageerror",
        lambda error: report.console.append(str(error)[:500]) if len(report.console) < 50 else None,
    )
    page.on("popup", closing)


async def _close_quietly(page: Page) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1):
            await page.close(run_before_unload=False)
