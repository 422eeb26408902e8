"""The list of steps of one capture, from a blank page to finished artifacts."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from .attempt import Attempt, Captured
from .browser.checked_out_page import CheckedOutPage
from .browser.pages import checkout_page
from .browser.runtime import Runtime
from .egress.targets import TargetPolicy
from .errors import CaptureError, DeadlineExceeded, NotRenderable
from .outputs import blank, output, worker_process
from .outputs.metadata import collect
from .page.interception import Interceptor
from .page.session import PageSession
from .page.stopping import cancel_navigation
from .page.styles import renew_styles
from .request import CaptureRequest
from .settings import Settings
from .steps import (
    access,
    act,
    block,
    check,
    clear_view,
    debug,
    emulate,
    extent,
    full_page,
    inject,
    inspection,
    judge,
    load,
    media,
    settle,
    wait,
)
from .urls import origin_of

# Steps report their own timeouts more exactly, so the limit around all of them comes this many seconds later.
_GRACE = 0.1
# A blank page answers at once: a browser that has not configured one after this many seconds hangs.
_CONFIGURE_MS = 10_000


async def run(runtime: Runtime, attempt: Attempt) -> Captured:
    """Take everything from one page, release the page, then encode. Raises whatever a step raises."""
    request, deadline, mode = attempt.request, attempt.deadline, attempt.mode
    variants = request.variants()
    async with checkout_page(
        runtime,
        request,
        deadline,
        attempt.report,
        caller=attempt.caller,
        own_context=mode.own_context,
        exclusive=mode.exclusive,
    ) as checkout:
        attempt.checkout = checkout
        checkout.session.virtual_time = mode.virtual_time
        try:
            # Many commands to a page have no time limit of their own.
            async with asyncio.timeout(deadline.remaining() + _GRACE):
                raws, metadata = await _take(attempt, checkout, variants, runtime.config)
                checkout.finish()
                instance = checkout.instance
                instance.output_bytes = max(instance.output_bytes, *map(_size, raws))
        except TimeoutError as error:
            raise DeadlineExceeded(attempt.phase) from error
        except CaptureError:
            await debug.record(checkout.session)
            raise
        attempt.note_target()
    with attempt.enter("encode"), worker_process.ending_with(deadline):
        # A thread cannot be ended: what it does itself is short, the rest are processes that end here.
        async with asyncio.timeout(deadline.remaining() + _GRACE):
            found = await asyncio.to_thread(blank.of_pictures, raws, attempt.report.seen)
            attempt.report.blank = attempt.report.blank or found
            _judge(attempt)
            artifacts = [
                await asyncio.to_thread(output(v.format).encode, raw, v, v.format)
                for v, raw in zip(variants, raws, strict=True)
            ]
    return Captured(artifacts, metadata)


async def _take(
    attempt: Attempt, checkout: CheckedOutPage, variants: list[CaptureRequest], config: Settings
) -> tuple[list[Any], dict[str, Any] | None]:
    """From a blank page to the browser's raw output of every artifact."""
    request, session = attempt.request, checkout.session
    targets = TargetPolicy.from_settings(config)
    with attempt.enter("configure"):
        work = configure(session, request, checkout.instance.version, config)
        interceptor, blocking = await session.deadline.run(work, "configure", _CONFIGURE_MS)
    # HTML of the request needs no answer of a target.
    checkout.document.arrived = request.html_content is not None and request.address is None
    with attempt.enter("load"):
        await load.load(session, request, interceptor)
        checkout.prepare_next()
        attempt.check_arrival(targets)
    with attempt.enter("act"):
        await block.hide_elements(session, request)
        await clear_view.first_look(session, request, blocking)
        async with clear_view.while_waiting(session, request, blocking):
            await wait.wait(session, request)
            await inject.inject(session, request)
            await act.act(session, request, request.wait_for_timeout)
    with attempt.enter("settle"):
        expand = await extent.prepare(session, variants)
        await settle.settle(
            session,
            request,
            config.settle_budget_ms,
            scroll_to=extent.scroll_depth(session, variants),
            to_beginning=all(v.full_page for v in variants),
            scripts=request.javascript and not session.scripts_off,
            busy=partial(clear_view.is_answering, session, request, blocking),
            expand=expand,
        )
        await clear_view.clear_view(session, request, blocking, expanded=expand is not None)
        await renew_styles(session)
        await media.emulate_media(session, request)
    if session.network.navigating:
        await cancel_navigation(session)
    with attempt.enter("check"):
        attempt.note_target()
        load.check_status(session.report.target.status, request)
        await check.check(session, request)
        await debug.record(session)
        pictures = any(v.format in inspection.PICTURES for v in variants)
        if request.fail_on or not pictures:
            await inspection.inspect(session, variants)
            if not pictures:
                wanted = "blank" in (request.fail_on or ())
                session.report.blank = await blank.of_window(session, wanted=wanted)
            _judge(attempt)
        metadata = await collect(session, request.metadata) if request.metadata else None
    with attempt.enter("shoot"):
        if session.page.is_closed():
            raise NotRenderable("The page closed itself.")
        # Scripts and clicks navigate too, and an answer of the guard itself is never a result.
        attempt.check_arrival(targets)
        return await _look_and_shoot(session, variants), metadata


async def configure(
    session: PageSession, request: CaptureRequest, version: str, config: Settings
) -> tuple[Interceptor, block.Blocking]:
    """Everything that must be in place before the first request leaves."""
    if not request.javascript:
        session.scripts_off = "javascript is false, so no timer or event calls the script back"
    blocking = await block.prepare(session, request, config.filter_lists, scripts=request.javascript)
    interceptor = Interceptor(blockers=block.blockers(request, blocking.engine))
    if request.custom_headers and request.address:
        interceptor.origin = origin_of(request.address)
        interceptor.headers = request.custom_headers
    # Sent together: they do not depend on each other, and each answer is a round trip through the driver.
    works = [emulate.emulate(session, request, version)]
    if interceptor.needed:
        works.append(interceptor.attach(session))
    await asyncio.gather(*works)
    await access.grant_access(session, request, request.address)
    await inject.prepare_scripts(session, request)
    return interceptor, blocking


def _judge(attempt: Attempt) -> None:
    """Make the verdict on what is known so far. Raises AssertionFailed for a finding of `fail_on`."""
    attempt.report.verdict = judge.judge(attempt.report, attempt.request)
    check.check_verdict(attempt.report, attempt.request)


def _size(raw: Any) -> int:
    """Bytes that the driver has carried for a result, which may be several pictures."""
    data = getattr(raw, "data", raw)
    parts = data if isinstance(data, list) else [data]
    return sum(len(part) for part in parts if isinstance(part, bytes | str))


async def _look_and_shoot(session: PageSession, variants: list[CaptureRequest]) -> list[Any]:
    """Every artifact, and a look at the page, if there was none yet, beside what else the browser does."""
    if session.report.seen is not None:
        return await _shoot(session, variants)
    look = session.look = inspection.Look(session, variants)
    first = variants[0]
    if len(variants) > 1 or first.selector or full_page.hides_fixed_elements(first):
        # The page is changed before the picture is taken.
        look.begin()
    try:
        raws = await _shoot(session, variants)
        await look.finish()
    finally:
        look.cancel()
    return raws


async def _shoot(session: PageSession, variants: list[CaptureRequest]) -> list[Any]:
    """Every artifact from the one load; PDFs last, because printing may lay the page out anew."""
    raws: dict[int, Any] = {}
    tame = any(full_page.hides_fixed_elements(v) for v in variants)
    for index in sorted(range(len(variants)), key=lambda i: variants[i].format == "pdf"):
        variant = variants[index]
        if tame:
            hidden = full_page.hides_fixed_elements(variant)
            await full_page.show_pinned(session, "hide" if hidden else "keep")
        raws[index] = await output(variant.format).shoot(session, variant, variant.format)
    return [raws[i] for i in range(len(variants))]
