"""One capture from request to delivered result, the same behind every door."""

from __future__ import annotations

import asyncio
import logging
import math
import time
import traceback
from pathlib import Path

from . import retry, storage
from .browser.runtime import Runtime, runtime
from .deadline import Deadline
from .delivery import cache, deliver
from .delivery.assemble import filename, result_of
from .delivery.deliver import DeliveryTarget
from .delivery.deliver import store_bundle as deliver_bundle
from .doors import Door
from .egress.targets import TargetPolicy
from .errors import CacheMiss, CaptureError, DeadlineExceeded, InternalError, NotConfigured
from .keys import new_request_id
from .page import user_agents
from .page.files import MOUNTS
from .request import CaptureRequest
from .result import Artifact, CaptureReport, CaptureResult
from .settings import Settings, settings
from .telemetry import captures
from .trace import Trace
from .urls import origin_of

log = logging.getLogger("stillframe")
_UNEXPECTED = "An unexpected fault; the log has it under the request id."

# A capture whose result is stored ends this many seconds before the deadline, or a tenth of the time left.
_STORING_SECONDS = 1.0
# A storage gets at least this many seconds, also when the capture took longer than planned.
_MIN_STORAGE_SECONDS = 0.5


async def capture(
    request: CaptureRequest,
    door: Door,
    *,
    request_id: str | None = None,
    base_url: str = "",
    seconds: float | None = None,
    caller: str = "",
    object_name: str | None = None,
    browser: Runtime = runtime,
) -> CaptureResult:
    """Capture and deliver. Raises CaptureError only.

    `seconds` is the time that the caller's environment has left. `caller` names who asks: captures of
    different callers never share a browser context or cached results. `object_name` is the key of a stored
    result without its extension. `browser` is for tests.
    """
    config = settings()
    request_id = request_id or new_request_id()
    report = CaptureReport(receipt=captures.receipt(), trace=Trace() if request.debug else None)
    report.target.url = request.url
    started = time.perf_counter()
    ending = captures.Ending(door.name, request_id, caller, _limit(door, config, seconds))
    try:
        deadline = Deadline.after(seconds_of(request, door, config, seconds))
        if request.debug and door.stores_bundle and storage.configured() is None:
            raise NotConfigured("debug: no storage is configured (STORAGE_URL), so nothing can be stored.")
        if request.url is None or origin_of(request.url) not in MOUNTS:
            TargetPolicy.from_settings(config).check(request.address)
        result = await _with_storage_time(deadline).run(_cached(request, config, caller), "cache")
        if result is not None:
            result.report.receipt, result.report.timings = report.receipt, report.timings
        else:
            source = await _with_storage_time(deadline).run(_with_source(request), "source")
            source = source.model_copy(update=user_agents.resolve_random(source))
            captured = await browser.arun(
                retry.run(browser, source, _before_storing(request, deadline), report, caller)
            )
            result = result_of(request, captured, report, request_id)
            picture = next((a for a in captured.artifacts if a.width), None)
            result.bundle = await _bundle(request, report, picture)
            if request.cache:
                await _store_in_cache(cache.key_of(request, config, caller), result, deadline)
        result.request_id = request_id
        result.response_type = request.response_type
        result.external_id = request.external_id
        result.filename = filename(request.filename, result.artifact.extension)
        target = DeliveryTarget(
            door.max_inline_bytes,
            storage.configured(),
            config.public_url or base_url,
            door.as_json,
            door.stores_bundle,
            object_name,
        )
        result = await _with_storage_time(deadline).run(deliver(result, request, target, config), "store")
        ending.succeeded(len(result.artifact.data), cached=result.cache == "HIT")
        return result
    except Exception as error:
        public = error if isinstance(error, CaptureError) else InternalError(_UNEXPECTED)
        public.target = report.target.to_json()
        public.timings = report.timings
        if report.trace is not None:
            await _explain(request, report, public, door, base_url)
        ending.failed(public)
        if isinstance(public, InternalError):
            _log_fault(public.__cause__ or error, request_id)
        if public is error:
            raise
        raise public from error
    finally:
        ended = time.perf_counter()
        report.timings["total"] = (ended - started) * 1000
        report.spans.insert(0, ("capture", started, ended))
        ending.tell(report)


async def _bundle(
    request: CaptureRequest,
    report: CaptureReport,
    picture: Artifact | None = None,
    error: CaptureError | None = None,
) -> bytes | None:
    """The debug bundle if the request asks for it; None, with a warning, when it cannot be made."""
    if report.trace is None:
        return None
    from .delivery import bundle

    try:
        return await asyncio.to_thread(bundle.render, request, report, report.trace, picture, error)
    except Exception as fault:
        log.warning("no debug bundle", extra={"error": type(fault).__name__})
        report.warn("debug_failed", "The debug bundle could not be made.")
        return None


async def _explain(
    request: CaptureRequest, report: CaptureReport, error: CaptureError, door: Door, base_url: str
) -> None:
    """Make the debug bundle of a capture that failed, and store it where the door stores results."""
    error.bundle = await _bundle(request, report, error=error)
    store, config = storage.configured(), settings()
    if error.bundle is None or store is None or not door.stores_bundle:
        return
    try:
        base = config.public_url or base_url
        storing = deliver_bundle(error.bundle, report, request, store, config, base_url=base)
        url = await _with_storage_time(Deadline.after(0)).run(storing, "store")
        error.details = [*error.details, {"debug": url}]
    except CaptureError as fault:
        log.warning("the debug bundle was not stored", extra={"error": fault.code})


def _log_fault(error: BaseException, request_id: str) -> None:
    """Log the type of a fault and where it was raised; its text may contain a URL with a query."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
    log.error(
        "unexpected fault", extra={"request_id": request_id, "error": type(error).__name__, "where": where}
    )


def seconds_of(request: CaptureRequest, door: Door, config: Settings, left: float | None = None) -> float:
    """Seconds that the request may take: its own timeout, within the limits of door and environment."""
    seconds = min((request.timeout or config.default_timeout_ms) / 1000, _limit(door, config, left))
    if seconds <= 0:
        raise DeadlineExceeded("start")
    return seconds


def _limit(door: Door, config: Settings, left: float | None) -> float:
    """The most seconds that a request of this door may have; infinite for a local one."""
    limits = (door.max_seconds, config.max_request_time or None, left)
    return min((s for s in limits if s is not None), default=math.inf)


def _before_storing(request: CaptureRequest, deadline: Deadline) -> Deadline:
    """The deadline of the capture itself, earlier when its result must be stored afterwards."""
    stored = request.store or request.cache or request.debug
    if not (stored or request.response_type in ("redirect", "url")):
        return deadline
    left = deadline.remaining()
    return deadline.earlier(left - min(_STORING_SECONDS, left / 10))


def _with_storage_time(deadline: Deadline) -> Deadline:
    """The deadline for work of a storage, which gets its minimum time even after a late capture."""
    return deadline.at_least(_MIN_STORAGE_SECONDS)


async def _cached(request: CaptureRequest, config: Settings, caller: str) -> CaptureResult | None:
    if not request.cache:
        return None
    store = storage.configured()
    if store is None:
        raise NotConfigured("No storage is configured (STORAGE_URL), so nothing can be cached.")
    if request.cache_mode == "refresh" or request.debug:
        return None
    found = None
    if not request.outputs:  # several artifacts are never cached
        found = await cache.look_up(cache.key_of(request, config, caller), request, store, config)
    if found is None and request.cache_mode == "only":
        raise CacheMiss("There is no cached result of this request.")
    return found


async def _store_in_cache(key: str, result: CaptureResult, deadline: Deadline) -> None:
    """Cache a result; one that cannot be cached is delivered all the same."""
    store = storage.configured()
    result.cache, result.etag = "MISS", cache.etag(result.artifact.data)
    if store is None or result.parts or not cache.is_cacheable(result):
        return
    try:
        await _with_storage_time(deadline).run(cache.store(key, result, store), "cache")
    except CaptureError:
        result.report.warn("cache_failed", "The result could not be cached.")


async def _with_source(request: CaptureRequest) -> CaptureRequest:
    """The request with the text of its S3 object."""
    if request.s3_uri is None:
        return request
    from .storage.source import read_source

    name, text = await asyncio.to_thread(read_source, request.s3_uri, settings())
    source = "markdown" if name.endswith((".md", ".markdown")) else "html_content"
    return request.model_copy(update={"s3_uri": None, source: text})
