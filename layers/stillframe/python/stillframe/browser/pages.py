"""Lend a page: which context, with what limits, and nothing of it left when the block ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..deadline import Deadline
from ..egress import Budget, EgressReport
from ..errors import DeadlineExceeded, MemoryLimit
from ..lease import Limits, MemoryContended, PageCrashed, PageLease
from ..request import CaptureRequest
from ..request.facets import needs_own_context
from ..result import CaptureReport
from ..settings import Settings
from ..steps import access, emulate
from .launch import Generation
from .loan import Loan, observe
from .runtime import Runtime
from .slots import Seat, Slot

log = logging.getLogger("stillframe")


def _context_options(request: CaptureRequest, version: str) -> dict[str, Any]:
    """What only a context of the capture's own can carry."""
    options = emulate.context_options(request, version)
    if credentials := access.credentials(request, request.url):
        options["http_credentials"] = credentials
    return options


@asynccontextmanager
async def lend_page(
    runtime: Runtime,
    request: CaptureRequest,
    deadline: Deadline,
    report: CaptureReport,
    *,
    own: bool | None = None,
    alone: bool = False,
) -> AsyncIterator[Loan]:
    """Lend a page for one attempt. Raises BrowserUnavailable, MemoryLimit, MemoryContended, ConcurrencyLimit."""
    with report.phase("queue"):
        slot = await _within(deadline, runtime.take_slot(alone=alone), "queue")
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
            if generation.crowded:
                raise MemoryContended from error
            raise MemoryLimit("The page used more memory than a capture may have.") from error
        raise
    finally:
        runtime.return_slot(slot)


@asynccontextmanager
async def _page(
    slot: Slot,
    generation: Generation,
    request: CaptureRequest,
    config: Settings,
    deadline: Deadline,
    report: CaptureReport,
    own: bool | None,
) -> AsyncIterator[Loan]:
    options = _context_options(request, generation.version)
    private = own
    if private is None:
        private = config.browser_isolation == "fresh" or needs_own_context(request) or bool(options)
    seat: Seat | None = None
    try:
        with report.phase("lease"):
            async with asyncio.timeout(min(10.0, deadline.timeout(None, "lease") / 1000)):
                # Private captures have a context apart; the page made ahead will do where that is fresh each time.
                apart = private and (bool(options) or not slot.fresh)
                seat = await (slot.apart(generation, options) if apart else slot.take(generation))
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


def _loan(
    seat: Seat,
    generation: Generation,
    slot: Slot,
    config: Settings,
    deadline: Deadline,
    report: CaptureReport,
    shared: bool,
) -> Loan:
    limits = Limits(config.max_pixels, config.max_pdf_pages, config.max_html_output_bytes)
    lease = PageLease(seat.page, seat.cdp, deadline, report, limits=limits, shared=shared)
    loan = Loan(lease, generation, slot)
    observe(loan, seat.page)
    return loan


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
