"""Answer a capture request at once, as a job, or as a job when the capture takes too long for its door."""

from __future__ import annotations

import asyncio
import time

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from .. import service
from ..delivery.webhook import signing_key
from ..jobs import Job, view
from ..jobs.submit import submit
from ..request import CaptureRequest
from ..result import CaptureResult
from ..settings import settings
from ..worker import local
from . import prefer
from .auth import Caller
from .invocation import Invocation, invocation_of
from .responses import respond


async def dispatch(request: Request, caller: Caller, capture_request: CaptureRequest) -> Response:
    """Choose by `async`, `webhook_url` and the `Prefer` header. Raises CaptureError."""
    request.state.rate_limit_status = request.app.state.limiter.take(caller.name)
    invocation = invocation_of(request)
    preference = prefer.parse_prefer(request.headers.get("prefer"))
    if capture_request.async_ or capture_request.webhook_url:
        return await _submit_job(request, caller, capture_request)
    if not (preference.respond_async and invocation.door.jobs and caller.signed_options is None):
        return _respond(request, caller, await _capture(capture_request, invocation, caller))
    seconds = prefer.sync_wait_seconds(
        capture_request,
        request.app.state.config,
        invocation.door.max_seconds,
        invocation.seconds_left,
        preference.wait,
    )
    result = await prefer.or_none_when_late(_capture(capture_request, invocation, caller), seconds)
    if result is not None:
        return _respond(request, caller, result)
    response = await _submit_job(request, caller, capture_request)
    response.headers["Preference-Applied"] = "respond-async"
    return response


def check_webhook(capture_request: CaptureRequest) -> None:
    """Refuse a webhook for which no signing key is configured. Raises NotConfigured."""
    if capture_request.webhook_url:
        signing_key(settings())


def accepted(invocation: Invocation, job: Job) -> Response:
    """202 with the job's id and the address of its status."""
    body = view.receipt(job, invocation.base_url)
    return JSONResponse(body, 202, {"Location": body["status_url"], "Cache-Control": "no-store"})


async def _capture(capture_request: CaptureRequest, invocation: Invocation, caller: Caller) -> CaptureResult:
    return await service.capture(
        capture_request,
        invocation.door,
        request_id=invocation.request_id,
        base_url=invocation.base_url,
        seconds=invocation.seconds_left,
        caller=caller.identity,
    )


async def _submit_job(request: Request, caller: Caller, capture_request: CaptureRequest) -> Response:
    check_webhook(capture_request)
    invocation = invocation_of(request)
    local.ensure_worker(invocation.base_url)
    key = request.headers.get("idempotency-key")
    job = await asyncio.to_thread(
        submit, capture_request, caller=caller.identity, key=key, owner=caller.identity
    )
    return accepted(invocation, job)


def _respond(request: Request, caller: Caller, result: CaptureResult) -> Response:
    response = respond(result, request.headers.get("if-none-match"))
    if caller.signed_options is not None and result.stored is None and response.status_code in (200, 304):
        seconds = _shared_seconds(request)
        if seconds > 0:
            response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


def _shared_seconds(request: Request) -> int:
    """How long a shared cache may keep the answer to a signed link: whoever has the link may have it."""
    left = int(request.query_params["expires"]) - int(time.time())
    return min(settings().link_cache_seconds, left)
