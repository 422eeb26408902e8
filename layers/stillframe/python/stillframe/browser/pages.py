"""Checks a page out for one attempt: its context and limits, and no trace of it after the block."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..deadline import Deadline
from ..egress import Budget, EgressReport, Upstream
from ..errors import MemoryLimit, RequestNotValid
from ..page.session import Limits, MemoryContended, PageCrashed, PageSession
from ..request import CaptureRequest
from ..request.facets import needs_own_context
from ..result import CaptureReport
from ..settings import Settings
from ..steps import access, emulate
from .checked_out_page import CheckedOutPage, observe
from .contexts import PreparedPage
from .launch import BrowserInstance
from .runtime import Runtime
from .slots import Slot

log = logging.getLogger("stillframe")

# A page that is not there after this many milliseconds is that of a browser that hangs.
_LEASE_MS = 10_000
_RELEASE_SECONDS = 2.0


def _context_options(request: CaptureRequest, version: str) -> dict[str, Any]:
    """Options that only a context of the capture's own can have."""
    options = emulate.context_options(request, version)
    if credentials := access.credentials(request, request.address):
        options["http_credentials"] = credentials
    return options


@asynccontextmanager
async def checkout_page(
    runtime: Runtime,
    request: CaptureRequest,
    deadline: Deadline,
    report: CaptureReport,
    *,
    caller: str,
    own_context: bool | None = None,
    exclusive: bool = False,
) -> AsyncIterator[CheckedOutPage]:
    """A page for one attempt. Raises BrowserUnavailable, MemoryLimit, MemoryContended, ConcurrencyLimit."""
    supervisor = runtime.supervisor
    with report.phase("queue"):
        slot = await deadline.run(runtime.acquire_slot(exclusive=exclusive), "queue")
    instance: BrowserInstance | None = None
    try:
        with report.phase("launch"):
            instance = await deadline.run(supervisor.ensure(), "launch")
        instance.captures += 1
        instance.used_at = time.monotonic()
        supervisor.captures += 1
        with supervisor.watchdog.watching(report.receipt.note_memory):
            async with _page(runtime, slot, instance, request, deadline, report, caller, own_context) as page:
                yield page
    except BaseException as error:
        if instance is not None and instance.memory_killed:
            await supervisor.discard(instance)
            if instance.shared_when_killed:
                raise MemoryContended from error
            raise MemoryLimit("The page used more memory than a capture may have.") from error
        raise
    finally:
        supervisor.own_memory.give_back()
        runtime.release_slot(slot)


@asynccontextmanager
async def _page(
    runtime: Runtime,
    slot: Slot,
    instance: BrowserInstance,
    request: CaptureRequest,
    deadline: Deadline,
    report: CaptureReport,
    caller: str,
    own_context: bool | None,
) -> AsyncIterator[CheckedOutPage]:
    config, options = runtime.config, _context_options(request, instance.version)
    if own_context is None:
        own_context = needs_own_context(request) or bool(options)
    with report.phase("lease"):
        fresh = config.browser_isolation == "fresh"
        # A fresh context that was prepared ahead will do for a capture that needs no options of the context.
        separate = own_context and (bool(options) or not fresh)
        work = slot.in_own_context(instance, options) if separate else slot.acquire(instance, caller)
        prepared = await deadline.run(work, "lease", _LEASE_MS)
    listener = prepared.context.listener
    try:
        listener.begin(_budget(config, deadline), _upstream(runtime, request))
        limits = Limits(
            config.max_pixels,
            config.max_pdf_pages,
            config.max_html_output_bytes,
            config.max_archive_bytes,
            config.max_page_pixels,
        )
        shared = not (own_context or fresh)
        session = PageSession(
            prepared.page,
            prepared.cdp,
            deadline,
            report,
            limits=limits,
            shared=shared,
            frame_id=prepared.frame_id,
            connections=listener,
            device_metrics=prepared.device_metrics,
        )
        checkout = CheckedOutPage(session, instance, slot, listener)
        observe(checkout, prepared.page)
        report.note("isolation", "shared" if shared else "fresh")
        checkout.task = asyncio.current_task()
        try:
            yield checkout
        except asyncio.CancelledError:
            if not checkout.crashed or checkout.task is None:
                raise
            checkout.task.uncancel()
            raise PageCrashed from None
        finally:
            checkout.task = None
    finally:
        with report.phase("release"):
            # The network is cut first: an answer that came after the clearing would set its cookies again.
            _report_egress(report, listener.end())
            await _release(slot, prepared, instance)


async def _release(slot: Slot, prepared: PreparedPage, instance: BrowserInstance) -> None:
    """Remove every trace of the capture; a browser that hangs meanwhile is replaced."""
    try:
        async with asyncio.timeout(_RELEASE_SECONDS):
            await slot.release(prepared, instance)
    except Exception as error:
        log.warning("release failed", extra={"error": type(error).__name__})
        instance.broken = True


def _budget(config: Settings, deadline: Deadline) -> Budget:
    return Budget(
        bytes=config.max_fetch_bytes, connections=config.max_connections, seconds=deadline.remaining() + 1
    )


def _upstream(runtime: Runtime, request: CaptureRequest) -> Upstream | None:
    """The request's proxy, else the operator's. Raises RequestNotValid or NotConfigured."""
    if not request.proxy:
        return runtime.upstream()
    try:
        return Upstream.from_url(request.proxy)
    except ValueError as error:
        raise RequestNotValid(f"proxy: {error}.", details=[{"field": "proxy"}]) from None


def _report_egress(report: CaptureReport, egress: EgressReport) -> None:
    report.note("network", {"bytes_received": egress.bytes_received, "connections": egress.connections})
    report.receipt.add_traffic(
        egress.bytes_received, egress.bytes_sent, egress.connections, len(egress.denials)
    )
    if egress.denials:
        hosts = sorted({f"{d.host}:{d.port}" for d in egress.denials})
        report.note("denied", hosts[:50])
        report.warn(
            "requests_denied", f"The egress policy denied {len(egress.denials)} requests of the page."
        )
    if egress.budget_exceeded:
        report.warn("budget_exceeded", f"The page used up its budget of {egress.budget_exceeded}.")
