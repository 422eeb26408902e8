"""Lend a page: which context, with what limits, and nothing of it left when the block ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..deadline import Deadline
from ..egress import Budget, EgressReport, as_error
from ..errors import CaptureError, MemoryLimit
from ..lease import Limits, PageCrashed, PageLease
from ..request import CaptureRequest
from ..result import CaptureReport
from ..settings import Settings
from ..steps import access, emulate
from .launch import Generation
from .runtime import Runtime
from .slots import Seat, Slot

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Page, Request, Response

log = logging.getLogger("stillframe")

# Options whose effects could outlive a page in the shared context.
_PRIVATE = ("cookies", "custom_headers", "basic_auth", "local_storage", "custom_js", "init_js", "interactions", "wait_for_function", "proxy")  # fmt: skip

# The guard's mark on an answer of its own; it takes the header off every origin's answer.
_GUARD = "x-stillframe-egress"
# A body that the page never reads never finishes; so many seconds after its headers it no longer counts as traffic.
_UNREAD = 1.0


def needs_own_context(request: CaptureRequest, settings: Settings) -> bool:
    """Whether a capture brings caller state or needs a setting that only a context carries."""
    if settings.browser_isolation == "fresh":
        return True
    if any(getattr(request, name) for name in _PRIVATE) or emulate.context_options(request):
        return True
    return request.url is not None and urlsplit(request.url).username is not None


@dataclass(slots=True)
class Loan:
    """What the pipeline holds during one attempt: the lease, the browser it came from and the slot's listener."""

    lease: PageLease
    generation: Generation
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

    def ahead(self) -> None:
        """Have the next capture's page on its way."""
        self.slot.prepare(self.generation)

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


@asynccontextmanager
async def lend_page(
    runtime: Runtime,
    request: CaptureRequest,
    deadline: Deadline,
    report: CaptureReport,
    *,
    own: bool | None = None,
) -> AsyncIterator[Loan]:
    """Lend a page for one attempt. Raises BrowserUnavailable, MemoryLimit, ConcurrencyLimit."""
    with report.phase("queue"):
        slot = await _within(deadline, runtime.take_slot(), "queue")
    generation: Generation | None = None
    try:
        with report.phase("launch"):
            generation = await _within(deadline, runtime.ensure(), "launch")
        generation.captures += 1
        generation.used_at = time.monotonic()
        runtime.captures += 1
        slot.listener.begin(_budget(runtime.config, deadline), **_upstream(runtime.config, request))
        with runtime.watchdog:
            try:
                async with _page(slot, generation, request, runtime.config, deadline, report, own) as loan:
                    yield loan
            finally:
                _note(report, slot.listener.end())
    except BaseException as error:
        if generation is not None and generation.memory_killed:
            await runtime.discard(generation)
            raise MemoryLimit("The page used more memory than a capture may have.") from error
        raise
    finally:
        runtime.return_slot(slot)


@asynccontextmanager
async def _page(
    slot: Slot, generation: Generation, request: CaptureRequest, config: Settings, deadline: Deadline,
    report: CaptureReport, own: bool | None,
) -> AsyncIterator[Loan]:  # fmt: skip
    private = needs_own_context(request, config) if own is None else own
    seat: Seat | None = None
    try:
        with report.phase("lease"):
            async with asyncio.timeout(min(10.0, deadline.timeout(None, "lease") / 1000)):
                seat = await _seat(slot, generation, request, private)
        loan = _loan(seat, generation, slot, config, deadline, report, not private)
        report.note("isolation", "fresh" if private else "shared")
        loan.task = asyncio.current_task()
        try:
            yield loan
        except asyncio.CancelledError:
            if not loan.crashed or loan.task is None:
                raise
            loan.task.uncancel()
            raise PageCrashed from None
        finally:
            loan.task = None
    finally:
        if seat is not None:
            with report.phase("release"):
                await _release(slot, seat, generation)


async def _seat(slot: Slot, generation: Generation, request: CaptureRequest, private: bool) -> Seat:
    """The page made ahead where it will do: private captures have a context apart, some with settings of its own."""
    options = emulate.context_options(request)
    if credentials := access.credentials(request, request.url):
        options["http_credentials"] = credentials
    if private and (options or not slot.fresh):
        return await slot.apart(generation, options)
    return await slot.take(generation)


def _loan(
    seat: Seat, generation: Generation, slot: Slot, config: Settings, deadline: Deadline,
    report: CaptureReport, shared: bool,
) -> Loan:  # fmt: skip
    limits = Limits(config.max_pixels, config.max_pdf_pages, config.max_html_output_bytes)
    lease = PageLease(seat.page, seat.cdp, deadline, report, limits=limits, shared=shared)
    loan = Loan(lease, generation, slot)
    _observe(loan, seat.page)
    return loan


def _observe(loan: Loan, page: Page) -> None:
    """Count requests, remember the main document, keep errors, and close every page that is not ours."""
    network, report = loan.lease.network, loan.lease.report

    under_way: set[Request] = set()

    def leads(request: Request) -> bool:
        # The frame of a service worker's request cannot be asked for; such a request is no navigation.
        return request.is_navigation_request() and request.frame == page.main_frame

    def requested(request: Request) -> None:
        under_way.add(request)
        network.started()
        if leads(request):
            loan.navigating, loan.refused = request.url, False
            # The target's first answer is what there is most often to wait for.
            loan.ahead()

    def answered(response: Response) -> None:
        refused = _GUARD in response.headers
        if leads(response.request):
            loan.refused = refused
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
            loan.refused = True
        if len(report.failed_requests) < 100:
            report.failed_requests.append(request.failure or "failed")

    heard = {"console": 0}

    def logged(message: ConsoleMessage) -> None:
        if message.type == "error":
            report.console.append(message.text[:500])
        # A page that talks without end would fill the loop; without a listener the driver stays silent.
        heard["console"] += 1
        if len(report.console) >= 50 or heard["console"] >= 500:
            page.remove_listener("console", logged)

    page.on("crash", lambda _: loan.crash())
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
    page.on("popup", lambda popup: asyncio.get_running_loop().create_task(_close_quietly(popup)))


async def _close_quietly(page: Page) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1):
            await page.close(run_before_unload=False)


async def _release(slot: Slot, seat: Seat, generation: Generation) -> None:
    """Leave nothing of the capture; what hangs costs the browser."""
    try:
        async with asyncio.timeout(2):
            await slot.clear(seat, generation)
    except Exception as error:
        log.warning("release failed", extra={"error": type(error).__name__})
        generation.broken = True


def _budget(config: Settings, deadline: Deadline) -> Budget:
    return Budget(
        bytes=config.max_fetch_bytes, connections=config.max_connections, seconds=deadline.remaining() + 1
    )


def _upstream(config: Settings, request: CaptureRequest) -> dict[str, Any]:
    """The capture's own proxy, or the operator's, which alone may be an internal address."""
    if request.proxy:
        return {"upstream": request.proxy}
    if not config.proxy_server:
        return {}
    server = config.proxy_server if "://" in config.proxy_server else f"http://{config.proxy_server}"
    scheme, _, place = server.partition("://")
    if config.proxy_port and ":" not in place:
        place = f"{place}:{config.proxy_port}"
    if config.proxy_username and "@" not in place:
        place = f"{config.proxy_username}:{config.proxy_password}@{place}"
    return {"upstream": f"{scheme}://{place}", "trusted_upstream": True}


def _note(report: CaptureReport, egress: EgressReport) -> None:
    report.note("network", {"bytes_received": egress.bytes_received, "connections": egress.connections})
    if egress.denials:
        hosts = sorted({f"{d.host}:{d.port}" for d in egress.denials})
        report.note("denied", hosts[:50])
        report.warn(
            "requests_denied", f"The egress policy denied {len(egress.denials)} requests of the page."
        )
    if egress.budget_exceeded:
        report.warn("budget_exceeded", f"The page used up its budget of {egress.budget_exceeded}.")


async def _within(deadline: Deadline, work: Any, phase: str) -> Any:
    from ..errors import DeadlineExceeded

    try:
        seconds = deadline.timeout(None, phase) / 1000
    except DeadlineExceeded:
        work.close()
        raise
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise DeadlineExceeded(phase) from error
