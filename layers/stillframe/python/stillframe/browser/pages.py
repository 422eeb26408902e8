"""Lend a page: which context, with what limits, and nothing of it left when the block ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from ..deadline import Deadline
from ..egress import Budget, EgressReport, Upstream
from ..errors import DeadlineExceeded, MemoryLimit, NotConfigured, RequestNotValid
from ..page.session import Limits, MemoryContended, PageCrashed, PageSession
from ..request import CaptureRequest
from ..request.facets import needs_own_context
from ..result import CaptureReport
from ..settings import Settings
from ..steps import access, emulate
from .checked_out_page import CheckedOutPage, observe
from .launch import BrowserInstance
from .runtime import Runtime
from .slots import PreparedPage, Slot

log = logging.getLogger("stillframe")


def _context_options(request: CaptureRequest, version: str) -> dict[str, Any]:
    """What only a context of the capture's own can carry."""
    options = emulate.context_options(request, version)
    if credentials := access.credentials(request, request.url):
        options["http_credentials"] = credentials
    return options


@asynccontextmanager
async def checkout_page(
    runtime: Runtime,
    request: CaptureRequest,
    deadline: Deadline,
    report: CaptureReport,
    *,
    own: bool | None = None,
    alone: bool = False,
) -> AsyncIterator[CheckedOutPage]:
    """Lend a page for one attempt. Raises BrowserUnavailable, MemoryLimit, MemoryContended, ConcurrencyLimit."""
    with report.phase("queue"):
        slot = await _within(deadline, runtime.acquire_slot(alone=alone), "queue")
    instance: BrowserInstance | None = None
    try:
        with report.phase("launch"):
            instance = await _within(deadline, runtime.ensure(), "launch")
        instance.captures += 1
        instance.used_at = time.monotonic()
        runtime.captures += 1
        slot.listener.begin(_budget(runtime.config, deadline), _upstream(runtime.config, request))
        with runtime.watchdog:
            try:
                async with _page(slot, instance, request, runtime.config, deadline, report, own) as checkout:
                    yield checkout
            finally:
                _note(report, slot.listener.end())
    except BaseException as error:
        if instance is not None and instance.memory_killed:
            await runtime.discard(instance)
            if instance.shared_when_killed:
                raise MemoryContended from error
            raise MemoryLimit("The page used more memory than a capture may have.") from error
        raise
    finally:
        runtime.release_slot(slot)


@asynccontextmanager
async def _page(
    slot: Slot,
    instance: BrowserInstance,
    request: CaptureRequest,
    config: Settings,
    deadline: Deadline,
    report: CaptureReport,
    own: bool | None,
) -> AsyncIterator[CheckedOutPage]:
    options = _context_options(request, instance.version)
    private = own
    if private is None:
        private = config.browser_isolation == "fresh" or needs_own_context(request) or bool(options)
    prepared: PreparedPage | None = None
    try:
        with report.phase("lease"):
            async with asyncio.timeout(min(10.0, deadline.timeout(None, "lease") / 1000)):
                # Private captures have a context apart; the page made ahead will do where that is fresh each time.
                apart = private and (bool(options) or not slot.fresh)
                prepared = await (slot.in_own_context(instance, options) if apart else slot.take(instance))
        checkout = _checkout(prepared, instance, slot, config, deadline, report, not private)
        report.note("isolation", "fresh" if private else "shared")
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
        if prepared is not None:
            with report.phase("release"):
                await _release(slot, prepared, instance)


def _checkout(
    prepared: PreparedPage,
    instance: BrowserInstance,
    slot: Slot,
    config: Settings,
    deadline: Deadline,
    report: CaptureReport,
    shared: bool,
) -> CheckedOutPage:
    limits = Limits(config.max_pixels, config.max_pdf_pages, config.max_html_output_bytes)
    session = PageSession(prepared.page, prepared.cdp, deadline, report, limits=limits, shared=shared)
    checkout = CheckedOutPage(session, instance, slot)
    observe(checkout, prepared.page)
    return checkout


async def _release(slot: Slot, prepared: PreparedPage, instance: BrowserInstance) -> None:
    """Leave nothing of the capture; what hangs costs the browser."""
    try:
        async with asyncio.timeout(2):
            await slot.clear(prepared, instance)
    except Exception as error:
        log.warning("release failed", extra={"error": type(error).__name__})
        instance.broken = True


def _budget(config: Settings, deadline: Deadline) -> Budget:
    return Budget(
        bytes=config.max_fetch_bytes, connections=config.max_connections, seconds=deadline.remaining() + 1
    )


# Settings are frozen and hashable: each configuration is read once.
_operators_proxy = cache(Upstream.from_settings)


def _upstream(config: Settings, request: CaptureRequest) -> Upstream | None:
    """The request's proxy, else the operator's. Raises RequestNotValid or NotConfigured."""
    if request.proxy:
        try:
            return Upstream.from_url(request.proxy)
        except ValueError as error:
            raise RequestNotValid(f"proxy: {error}.", details=[{"field": "proxy"}]) from None
    try:
        return _operators_proxy(config)
    except ValueError as error:
        raise NotConfigured(str(error)) from None


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
