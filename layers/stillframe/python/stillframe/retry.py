"""Retries a capture once when its browser was lost, its page crashed or its clock had to run in real time."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from . import pipeline
from .attempt import Attempt, Captured, Mode
from .browser import error_mapping
from .browser.launch import BrowserInstance
from .browser.runtime import Runtime
from .deadline import Deadline
from .errors import CaptureError, DeadlineExceeded, MemoryLimit, NotRenderable
from .page.session import MemoryContended, PageCrashed
from .page.world import has_navigated
from .request import CaptureRequest
from .result import CaptureReport
from .steps.settle import TimeStoodStill

log = logging.getLogger("stillframe")

# A retry needs at least this many seconds.
_MIN_SECONDS = 0.5
_PING_SECONDS = 1.5


async def run(
    runtime: Runtime, request: CaptureRequest, deadline: Deadline, report: CaptureReport, caller: str = ""
) -> Captured:
    """Capture, at most twice. Raises CaptureError and nothing else."""
    mode = Mode()
    for is_last in (False, True):
        attempt = Attempt(request, deadline, report, mode, caller)
        try:
            return await _attempt(runtime, attempt)
        except Exception as error:
            public = _public_error(error, attempt)
            retry = None if is_last else await _retry_mode(runtime, error, public, attempt)
            if retry is None:
                raise public from (error if public is not error else error.__cause__)
            reason = _reason(error, public, retry)
            log.warning("retrying capture", extra={"phase": attempt.phase, "reason": type(error).__name__})
        report.restart()
        report.note("retried", attempt.phase)
        report.note("retry_reason", reason)
        if retry.real_time_reason:
            report.note("settle", {"mode": "real", "reason": retry.real_time_reason})
        mode = retry
    raise AssertionError("unreachable")


def _reason(error: Exception, public: CaptureError, mode: Mode) -> str:
    """Why the first attempt gave no result, without the text of a page."""
    if mode.real_time_reason:
        return mode.real_time_reason
    if isinstance(error, PageCrashed):
        return "the page crashed"
    if isinstance(error, MemoryContended):
        return "the captures that ran together used too much memory"
    return "the browser was lost" if error_mapping.is_gone(error) else public.code


async def _attempt(runtime: Runtime, attempt: Attempt) -> Captured:
    """One attempt; a driver that ends under it is an error like any other loss of the browser.

    The end of Playwright's driver cancels futures that an attempt awaits, and the attempt would look like one
    that was cancelled by its caller (seen in a storm of keepalive requests, tests/attack/test_seam.py).
    """
    try:
        return await pipeline.run(runtime, attempt)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ConnectionAbortedError("the driver ended") from error


def _public_error(error: Exception, attempt: Attempt) -> CaptureError:
    """The error for the caller; the guard's reason, if the main document did not arrive."""
    certain = isinstance(error, TimeoutError | DeadlineExceeded | MemoryLimit | MemoryContended)
    if attempt.phase in ("load", "act", "shoot") and not certain and (known := attempt.network_error()):
        attempt.report.target.status = None
        known.__cause__ = error
        return known
    return error_mapping.translate(error, attempt.phase)


async def _retry_mode(
    runtime: Runtime, error: Exception, public: CaptureError, attempt: Attempt
) -> Mode | None:
    """How the second attempt differs, or None when there should be none; discards a browser that was lost."""
    mode, checkout = attempt.mode, attempt.checkout
    instance = checkout.instance if checkout else runtime.instance
    if attempt.deadline.remaining() < _MIN_SECONDS or isinstance(error, MemoryLimit):
        return None
    if isinstance(error, MemoryContended):
        # The page would use as much memory again, and other captures must not fail for it a second time.
        return replace(mode, exclusive=True)
    if checkout and checkout.instance.broken:
        await runtime.supervisor.discard(checkout.instance)
    if isinstance(error, TimeStoodStill):
        return Mode.in_real_time(error.reason)
    if isinstance(error, PageCrashed):
        return mode
    if error_mapping.is_gone(error):
        if checkout and await _answers(checkout.instance):
            raise NotRenderable("The page closed itself or crashed while it was captured.") from error
        if instance is not None:
            await runtime.supervisor.discard(instance)
        return mode
    late = isinstance(public, DeadlineExceeded)
    if late and attempt.phase in ("lease", "configure"):
        if instance is not None:
            await runtime.supervisor.discard(instance)
        return Mode()
    if late and attempt.phase == "shoot" and mode.virtual_time:
        return Mode.in_real_time("the page gave no picture")
    navigated = isinstance(public, NotRenderable) and has_navigated(error)
    if navigated and attempt.phase in ("settle", "check", "shoot"):
        return Mode.in_real_time("the page navigated away")
    return None


async def _answers(instance: BrowserInstance) -> bool:
    """Whether the browser of a lost page still answers; `is_connected` may be stale."""
    if not instance.alive:
        return False
    try:
        async with asyncio.timeout(_PING_SECONDS):
            await instance.ping()
    except Exception:
        return False
    return True
