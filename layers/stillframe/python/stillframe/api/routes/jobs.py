"""`/capture/batch` and `/jobs`: captures that run later, and their results."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from ... import storage
from ...errors import RequestNotValid
from ...jobs import view
from ...jobs.submit import submit_all
from ...worker import local
from ..auth import Caller, authenticate
from ..body import json_body
from ..dispatch import accepted, check_webhook
from ..invocation import invocation_of

router = APIRouter()
# FastAPI builds a pydantic model for each parameter and response type of a signature, at every cold start.
# `openapi.operations` therefore names the path parameter, and routes read `request.path_params`.
_BATCH_FIELDS = frozenset({"requests", "options"})


@router.post("/capture/batch")
async def batch(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Submit many captures as jobs: `{"requests": [...], "options": {shared defaults}}`."""
    body = await json_body(request)
    options, requests = _read_batch(body)
    request.state.rate_limit_status = request.app.state.limiter.take(caller.name, count=max(1, len(requests)))
    invocation = invocation_of(request)
    local.ensure_worker(invocation.base_url)
    key = request.headers.get("idempotency-key")
    job = await asyncio.to_thread(
        submit_all,
        requests,
        options,
        caller=caller.identity,
        key=key,
        owner=caller.identity,
        check=check_webhook,
    )
    return accepted(invocation, job)


@router.get("/jobs/{id}")
async def show(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """The status of a job, with its result or error once it is finished."""
    job = await asyncio.to_thread(view.find, request.path_params["id"], caller.identity)
    body = await asyncio.to_thread(view.show, job, storage.configured(), invocation_of(request).base_url)
    headers = {"Cache-Control": "no-store"} | ({} if body.get("finished_at") else {"Retry-After": "1"})
    return JSONResponse(body, headers=headers)


@router.delete("/jobs/{id}", status_code=204)
async def delete(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Delete a job: a queued job is not captured, and the result of a finished one is removed."""
    await asyncio.to_thread(view.remove, request.path_params["id"], storage.configured(), caller.identity)
    return Response(status_code=204)


def _read_batch(body: Any) -> tuple[dict[str, Any], list[Any]]:
    if not isinstance(body, dict) or not isinstance(body.get("requests"), list):
        raise RequestNotValid(
            "A batch must be an object with a list of `requests`.", details=[{"field": "requests"}]
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
