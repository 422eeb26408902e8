"""The list of steps of one capture, and the one retry that a lost browser earns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from .browser import error_mapping
from .browser.checked_out_page import CheckedOutPage
from .browser.pages import checkout_page
from .browser.runtime import Runtime
from .deadline import Deadline
from .errors import BrowserUnavailable, CaptureError, DeadlineExceeded, MemoryLimit, NotRenderable
from .outputs import output
from .outputs.metadata import collect
from .page.interception import Interceptor
from .page.session import MemoryContended, PageCrashed, PageSession, is_playwright
from .request import CaptureRequest
from .result import Artifact, CaptureReport
from .steps import access, act, block, check, emulate, full_page, inject, load, settle, wait
from .steps.settle import TimeStoodStill
from .urls import origin_of, without_userinfo

log = logging.getLogger("stillframe")

# Seconds after the deadline at which whatever a capture waits for is given up.
_GRACE = 0.1
# Seconds after which a browser that does not dress a blank page counts as hanging.
_HUNG = 10.0


@dataclass(slots=True)
class Captured:
    """The finished artefacts in the order they were asked for, and the facts about the page."""

    artifacts: list[Artifact]
    metadata: dict[str, Any] | None


@dataclass(slots=True)
class _Mode:
    """How an attempt differs from the first: a context of its own, time that really passes and why, no neighbours."""

    own: bool | None = None
    virtual: bool = True
    alone: bool = False
    why_real: str = ""


async def run(
    runtime: Runtime, request: CaptureRequest, deadline: Deadline, report: CaptureReport
) -> Captured:
    """Capture, once more when the browser was lost or the page hung. Raises CaptureError, never anything else."""
    mode = _Mode()
    for last in (False, True):
        phase = ["lease"]
        checkout: list[CheckedOutPage] = []
        try:
            return await _attempt(runtime, request, deadline, report, mode, phase, checkout)
        except Exception as error:
            ours = _explain(error, phase[0], checkout)
            again = (
                None if last else await _second_try(runtime, error, ours, checkout, phase[0], deadline, mode)
            )
            if again is None:
                raise ours from (error if ours is not error else error.__cause__)
            log.warning("capture is tried again", extra={"phase": phase[0], "reason": type(error).__name__})
            report.restart()
            report.note("retried", phase[0])
            if again.why_real:
                report.note("settle", {"mode": "real", "reason": again.why_real})
            mode = again
    raise BrowserUnavailable("The browser was lost twice during the capture.", retry_after=1)


async def _attempt(
    runtime: Runtime,
    request: CaptureRequest,
    deadline: Deadline,
    report: CaptureReport,
    mode: _Mode,
    phase: list[str],
    checkouts: list[CheckedOutPage],
) -> Captured:
    def enter(name: str) -> AbstractContextManager[None]:
        phase[0] = name
        return report.phase(name)

    variants = request.variants()
    async with checkout_page(runtime, request, deadline, report, own=mode.own, alone=mode.alone) as checkout:
        checkouts.append(checkout)
        checkout.session.virtual_time = mode.virtual
        try:
            # Steps name their own end more exactly, so they come first; many a command to a page has none.
            async with asyncio.timeout(deadline.remaining() + _GRACE):
                raws, metadata = await _take(
                    checkout, request, variants, runtime.config.settle_budget_ms, enter
                )
        except TimeoutError as error:
            if is_playwright(error):
                raise
            raise DeadlineExceeded(phase[0]) from error
        report.target.final_url = None if request.url is None else checkout.session.page.url
    with enter("encode"):
        # A thread cannot be ended: what is too late for its caller is finished for nobody.
        async with asyncio.timeout(deadline.remaining() + _GRACE):
            artifacts = [
                await asyncio.to_thread(output(v.format).encode, raw, v, v.format)
                for v, raw in zip(variants, raws, strict=True)
            ]
    return Captured(artifacts, metadata)


async def _take(
    checkout: CheckedOutPage,
    request: CaptureRequest,
    variants: list[CaptureRequest],
    settle_budget_ms: int,
    enter: Callable[[str], AbstractContextManager[None]],
) -> tuple[list[Any], dict[str, Any] | None]:
    """From a blank page to what the browser gives for every artefact."""
    session = checkout.session
    with enter("configure"):
        # A blank page answers at once: one that does not is in a browser that hangs.
        async with asyncio.timeout(min(_HUNG, session.deadline.timeout(None, "configure") / 1000)):
            await configure(session, request, checkout.instance.version)
    with enter("load"):
        # Credentials in the URL are answered to a challenge, not sent ahead.
        await load.load(session, request.model_copy(update={"url": without_userinfo(request.url)}))
        checkout.ahead()
        _arrived(checkout)
    with enter("act"):
        await block.dismiss_overlays(session, request)
        await wait.wait(session, request)
        await inject.inject(session, request)
        await act.act(session, request, request.wait_for_timeout)
    with enter("settle"):
        await full_page.expand_scrollers(session, request)
        reach = next((_reach(session, v) for v in variants if full_page.scrolls_page(v)), None)
        await settle.settle(session, request, settle_budget_ms, scroll_to=reach, scripts=request.javascript)
        await emulate.emulate_media(session, request)
    with enter("check"):
        await check.check(session, request)
        metadata = await collect(session, request.metadata) if request.metadata else None
    with enter("shoot"):
        if session.page.is_closed():
            raise NotRenderable("The page closed itself.")
        # Scripts and clicks navigate too; a page of the guard's own is never a result.
        _arrived(checkout)
        return await _shoot(session, variants), metadata


async def configure(session: PageSession, request: CaptureRequest, version: str) -> None:
    """Everything that must be in place before the first request leaves."""
    await emulate.emulate(session, request, version)
    await access.grant_access(session, request, request.url)
    await inject.prepare_scripts(session, request)
    interceptor = Interceptor(blockers=block.blockers(request))
    if request.custom_headers and request.url:
        interceptor.origin = origin_of(request.url)
        interceptor.headers = request.custom_headers
    if interceptor.needed:
        await interceptor.attach(session)


async def _shoot(session: PageSession, variants: list[CaptureRequest]) -> list[Any]:
    """Every artefact from the one load; PDFs last, because printing may lay the page out anew."""
    raws: dict[int, Any] = {}
    tame = any(full_page.hides_fixed_elements(v) for v in variants)
    for index in sorted(range(len(variants)), key=lambda i: variants[i].format == "pdf"):
        variant = variants[index]
        if tame:
            await full_page.toggle_fixed_elements(session, variant)
        raws[index] = await output(variant.format).shoot(session, variant, variant.format)
    return [raws[i] for i in range(len(variants))]


def _reach(session: PageSession, request: CaptureRequest) -> float:
    """How far down, in CSS pixels, a full-page capture of this width can show anything."""
    reach = session.limits.max_pixels / (request.window_width * request.pixel_density**2)
    return min(reach, request.full_page_max_height or reach)


def _arrived(checkout: CheckedOutPage) -> None:
    """Raise what the guard knows when the main document did not come from its target."""
    if refused := checkout.network_error():
        checkout.session.report.target.status = None
        raise refused


def _explain(error: Exception, phase: str, checkouts: list[CheckedOutPage]) -> CaptureError:
    """The error for the caller; for a lost main document the guard knows best why."""
    clear = isinstance(error, TimeoutError | DeadlineExceeded | MemoryLimit | MemoryContended)
    if (
        phase in ("load", "act", "shoot")
        and checkouts
        and not clear
        and (known := checkouts[-1].network_error())
    ):
        checkouts[-1].session.report.target.status = None
        known.__cause__ = error
        return known
    return error_mapping.translate(error, phase)


async def _second_try(
    runtime: Runtime,
    error: Exception,
    ours: CaptureError,
    checkouts: list[CheckedOutPage],
    phase: str,
    deadline: Deadline,
    mode: _Mode,
) -> _Mode | None:
    """How to try again, or None when that is pointless; drops a browser that was lost."""
    if deadline.remaining() < 0.5 or isinstance(error, MemoryLimit):
        return None
    if isinstance(error, MemoryContended):
        # The page that took the memory takes it again; its neighbours should not pay for that twice.
        return _Mode(own=mode.own, virtual=mode.virtual, alone=True)
    if checkouts and checkouts[-1].instance.broken:
        await runtime.discard(checkouts[-1].instance)
    if isinstance(error, TimeStoodStill):
        return _Mode(own=True, virtual=False, why_real=error.reason)
    if isinstance(error, PageCrashed):
        return _Mode(own=mode.own, virtual=mode.virtual)
    if error_mapping.is_gone(error):
        if checkouts and await _answers(checkouts[-1]):
            raise NotRenderable("The page closed itself or crashed while it was captured.") from error
        if checkouts:
            await runtime.discard(checkouts[-1].instance)
        elif (instance := runtime.instance) is not None:
            await runtime.discard(instance)
        return _Mode(own=mode.own, virtual=mode.virtual)
    if phase in ("lease", "configure") and isinstance(ours, DeadlineExceeded):
        if (hung := checkouts[-1].instance if checkouts else runtime.instance) is not None:
            await runtime.discard(hung)
        return _Mode()
    if isinstance(ours, DeadlineExceeded) and phase == "shoot" and mode.virtual:
        return _Mode(own=True, virtual=False, why_real="the page gave no picture")
    if (
        isinstance(ours, NotRenderable)
        and phase in ("settle", "check", "shoot")
        and "context was destroyed" in str(error)
    ):
        return _Mode(own=True, virtual=False, why_real="the page navigated away")
    return None


async def _answers(checkout: CheckedOutPage) -> bool:
    """Whether the browser of a lost page still lives: a real round trip, because flags may be stale."""
    if not checkout.instance.alive:
        return False
    try:
        async with asyncio.timeout(1.5):
            await checkout.instance.ask()
    except Exception:
        return False
    return True
