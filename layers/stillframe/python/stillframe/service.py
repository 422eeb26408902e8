"""The use case: capture one request and deliver one result, the same for every entry point."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from . import retry, storage
from .browser.runtime import Runtime, runtime
from .deadline import Deadline
from .delivery import cache, deliver
from .delivery.deliver import DeliveryTarget, zipped
from .doors import Door
from .errors import CacheMiss, CaptureError, DeadlineExceeded, InternalError, NotConfigured
from .keys import new_request_id
from .page import user_agents
from .pipeline import Captured
from .request import CaptureRequest
from .result import CaptureReport, CaptureResult
from .settings import Settings, settings

log = logging.getLogger("stillframe")
T = TypeVar("T")

# Seconds reserved at the end of a capture for storing its result.
_STORE_SECONDS = 1.0
# Storing gets at least this many seconds, also after the deadline.
_MIN_SECONDS = 0.5


async def capture(
    request: CaptureRequest,
    door: Door,
    *,
    request_id: str | None = None,
    base_url: str = "",
    seconds: float | None = None,
    caller: str = "",
    browser: Runtime = runtime,
) -> CaptureResult:
    """Capture and deliver. Raises CaptureError only.

    `seconds` is the time that the caller's environment has left; `caller` names who asks: captures of
    different callers never share a browser context.
    """
    config = settings()
    request_id = request_id or new_request_id()
    report = CaptureReport()
    report.target.url = request.url
    started = time.perf_counter()
    try:
        deadline = Deadline.after(_seconds(request, door, config, seconds))
        result = await _in_time(deadline, _cached(request, config, caller), "cache")
        if result is None:
            source = await _in_time(deadline, _with_source(request), "source")
            source = source.model_copy(update=user_agents.resolve_random(source))
            captured = await browser.arun(
                retry.run(browser, source, _before_storing(request, deadline), report, caller)
            )
            result = _result(request, captured, report, request_id)
            if request.cache:
                await _store_in_cache(cache.key_of(request, config, caller), result, deadline)
        result.request_id = request_id
        result.response_type = request.response_type
        result.external_id = request.external_id
        result.filename = filename(request.filename, result.artifact.extension)
        target = DeliveryTarget(
            door.max_inline_bytes, storage.configured(), config.public_url or base_url, door.as_json
        )
        return await _in_time(deadline, deliver(result, request, target, config), "store")
    except Exception as error:
        ours = (
            error
            if isinstance(error, CaptureError)
            else InternalError("An unexpected fault; the log has it under the request id.")
        )
        ours.target = report.target.to_json()
        ours.timings = report.timings
        # Every door logs this line; the metric filters of infra/observability.yaml match it.
        log.info("capture failed", extra={"request_id": request_id, "door": door.name, "code": ours.code})
        if isinstance(ours, InternalError):
            _log_fault(ours.__cause__ or error, request_id)
        if ours is error:
            raise
        raise ours from error
    finally:
        report.timings["total"] = (time.perf_counter() - started) * 1000


def _log_fault(error: BaseException, request_id: str) -> None:
    """Log the type and place of a fault, but not its message, which may contain a URL with its query."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
    log.error(
        "unexpected fault", extra={"request_id": request_id, "error": type(error).__name__, "where": where}
    )


def _seconds(request: CaptureRequest, door: Door, config: Settings, left: float | None) -> float:
    """Seconds for the whole request: the smallest of its `timeout`, the door's limit and the time left."""
    wanted = (request.timeout or config.default_timeout_ms) / 1000
    seconds = min(s for s in (wanted, door.max_seconds, left) if s is not None)
    if seconds <= 0:
        raise DeadlineExceeded("start")
    return seconds


def _before_storing(request: CaptureRequest, deadline: Deadline) -> Deadline:
    """The deadline of the capture itself; it is earlier if the result will be stored."""
    if not (request.store or request.cache or request.response_type in ("redirect", "url")):
        return deadline
    left = deadline.remaining()
    return deadline.earlier(left - min(_STORE_SECONDS, left / 10))


async def _in_time(deadline: Deadline, work: Coroutine[Any, Any, T], phase: str) -> T:
    """Await a storage until the deadline, but for at least `_MIN_SECONDS`. Raises DeadlineExceeded."""
    return await Deadline.after(max(_MIN_SECONDS, deadline.remaining())).run(work, phase)


async def _cached(request: CaptureRequest, config: Settings, caller: str) -> CaptureResult | None:
    if not request.cache:
        return None
    store = storage.configured()
    if store is None:
        raise NotConfigured("No storage is configured (STORAGE_URL), so nothing can be cached.")
    if request.cache_mode == "refresh":
        return None
    found = None
    if not request.outputs:  # several artefacts are never cached
        found = await cache.look_up(cache.key_of(request, config, caller), request, store, config)
    if found is None and request.cache_mode == "only":
        raise CacheMiss("There is no cached result of this request.")
    return found


async def _store_in_cache(key: str, result: CaptureResult, deadline: Deadline) -> None:
    """Cache a result if possible; a failure becomes a warning."""
    store = storage.configured()
    result.cache, result.etag = "MISS", cache.etag(result.artifact.data)
    if store is None or result.parts or not cache.is_cacheable(result):
        return
    try:
        await _in_time(deadline, cache.store(key, result, store), "cache")
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


def _result(
    request: CaptureRequest, captured: Captured, report: CaptureReport, request_id: str
) -> CaptureResult:
    def one(artifact: object, name: str | None) -> CaptureResult:
        return CaptureResult(request_id, artifact, report, filename(name, artifact.extension))  # type: ignore[arg-type, attr-defined]

    if request.outputs is None:
        result = one(captured.artifacts[0], request.filename)
    else:
        parts = [
            one(a, extra.get("filename"))
            for a, extra in zip(captured.artifacts, request.outputs, strict=True)
        ]
        result = one(zipped(parts), request.filename)
        result.parts = parts
    result.metadata = captured.metadata
    return result


def filename(wanted: str | None, extension: str) -> str:
    """Pixashot's `screenshot.<format>`, or the wanted name with the extension."""
    if not wanted:
        return f"screenshot.{extension}"
    return wanted if wanted.lower().endswith(f".{extension}") else f"{wanted}.{extension}"
