"""Jobs: captures that are answered later, one or a hundred at a time."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from ... import service, storage
from ...delivery.webhook import signing_key
from ...errors import RequestNotValid
from ...jobs import Job, view
from ...jobs.submit import submit, submit_all
from ...request import CaptureRequest
from ...settings import settings
from ...worker import local
from .. import prefer
from ..auth import Caller, authenticate
from ..invocation import base_url, door_of, seconds_left
from ..responses import respond
from .capture import json_body

router = APIRouter()
# Parameters and answers that FastAPI reads off a signature cost the cold start a model each; these are only described.
_BY_ID = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}
_BATCH_FIELDS = frozenset({"requests", "options"})


async def accept(request: Request, caller: Caller, wanted: CaptureRequest) -> Response:
    """Take a capture as a job."""
    _check(wanted)
    local.ensure_worker(base_url(request))
    key = request.headers.get("idempotency-key")
    return _accepted(request, await asyncio.to_thread(submit, wanted, caller=caller.name, key=key))


async def capture_or_accept(
    request: Request, caller: Caller, wanted: CaptureRequest, wait: float | None
) -> Response:
    """Capture while the door has time for it; after that, a job with `Preference-Applied`."""
    door, config = door_of(request), request.app.state.config
    seconds = prefer.patience(wanted, config, door.max_seconds, seconds_left(request), wait)
    work = service.capture(
        wanted,
        door,
        request_id=request.state.request_id,
        base_url=base_url(request),
        seconds=seconds_left(request),
    )
    result = await prefer.in_time(work, seconds)
    if result is not None:
        return respond(result, request.headers.get("if-none-match"))
    response = await accept(request, caller, wanted)
    response.headers["Preference-Applied"] = "respond-async"
    return response


@router.post("/capture/batch")
async def batch(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Many captures as jobs: `{"requests": [...], "options": {shared defaults}}`."""
    body = await json_body(request)
    options, requests = _read_batch(body)
    request.state.standing = request.app.state.limiter.take(caller.name)
    local.ensure_worker(base_url(request))
    key = request.headers.get("idempotency-key")
    job = await asyncio.to_thread(submit_all, requests, options, caller=caller.name, key=key, check=_check)
    return _accepted(request, job)


@router.get("/jobs/{id}", openapi_extra=_BY_ID)
async def show(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """How a job stands, with its result or its error when it is finished."""
    job = await asyncio.to_thread(view.find, request.path_params["id"])
    body = await asyncio.to_thread(view.show, job, storage.configured(), base_url(request))
    headers = {"Cache-Control": "no-store"} | ({} if body.get("finished_at") else {"Retry-After": "1"})
    return JSONResponse(body, headers=headers)


@router.delete("/jobs/{id}", status_code=204, openapi_extra=_BY_ID)
async def delete(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Forget a job: one that waits is not captured, one that is done cannot be asked for any more."""
    await asyncio.to_thread(view.remove, request.path_params["id"], storage.configured())
    return Response(status_code=204)


def _check(wanted: CaptureRequest) -> None:
    """A webhook that could not be signed is refused now. Raises NotConfigured."""
    if wanted.webhook_url:
        signing_key(settings())


def _accepted(request: Request, job: Job) -> Response:
    body = view.receipt(job, base_url(request))
    return JSONResponse(body, 202, {"Location": body["status_url"], "Cache-Control": "no-store"})


def _read_batch(body: Any) -> tuple[dict[str, Any], list[Any]]:
    if not isinstance(body, dict) or not isinstance(body.get("requests"), list):
        raise RequestNotValid(
            "A batch is an object with a list of `requests`.", details=[{"field": "requests"}]
        )
    if unknown := sorted(set(body) - _BATCH_FIELDS):
        raise RequestNotValid(
            f"unknown field '{unknown[0]}'; a batch has requests and options.",
            details=[{"field": unknown[0]}],
        )
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise RequestNotValid("options: must be an object.", details=[{"field": "options"}])
    return options, body["requests"]
