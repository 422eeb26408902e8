"""`/capture`, `/validate` and `/sign`."""

from __future__ import annotations

import json
import shlex
import time
from typing import Any, NoReturn

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from ... import service
from ...delivery.assemble import filename
from ...doors import QUEUE
from ...errors import NotConfigured, RequestNotValid
from ...keys import cache_key
from ...request import CaptureRequest, advice, parse, parse_pairs
from ...request.facets import check_link_names, check_linkable
from ..auth import AccessPolicy, Caller, authenticate
from ..body import capture_request_of, json_body
from ..dispatch import dispatch
from ..invocation import invocation_of

router = APIRouter()


@router.get("/capture")
async def capture_by_query(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Capture with the options in the query string."""
    if caller.signed_options is None:
        return await dispatch(request, caller, parse_pairs(request.query_params.multi_items()))
    check_link_names([name for name, _ in caller.signed_options])
    capture_request: CaptureRequest = parse_pairs(caller.signed_options)
    check_linkable(capture_request)
    return await dispatch(request, caller, capture_request)


@router.post("/capture")
async def capture_by_body(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Capture with the options as a JSON object, or an uploaded page with its files."""
    return await dispatch(request, caller, await capture_request_of(request))


@router.post("/capture/json")
async def capture_as_json(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """As `POST /capture`, always answered with JSON: the bytes as base64, or with `url` a link to them."""
    capture_request = await capture_request_of(request)
    if capture_request.response_type != "url":
        capture_request = capture_request.model_copy(update={"response_type": "json"})
    return await dispatch(request, caller, capture_request)


@router.post("/validate")
async def validate(request: Request, caller: Caller = Depends(authenticate)) -> JSONResponse:  # noqa: B008
    """Check options without a capture: the canonical request, what it would do, its traps, a curl command."""
    capture_request: CaptureRequest = await capture_request_of(request)
    door, config = invocation_of(request).door, request.app.state.config
    is_job = capture_request.async_ or capture_request.webhook_url
    seconds = service.seconds_of(capture_request, QUEUE if is_job else door, config)
    canonical = capture_request.canonical()
    body = shlex.quote(json.dumps(canonical, ensure_ascii=False))
    name = filename(capture_request.filename, capture_request.format)
    curl = (
        f"curl -X POST {invocation_of(request).base_url}/capture -H 'Content-Type: application/json'"
        f" -H 'Authorization: Bearer <token>' -d {body} -o {name}"
    )
    return JSONResponse(
        {
            "request": canonical,
            "plan": advice.plan(capture_request, seconds),
            "warnings": advice.traps(capture_request, seconds),
            "cache_key": cache_key(capture_request),
            "curl": curl,
        }
    )


@router.post("/sign")
async def sign(request: Request, caller: Caller = Depends(authenticate)) -> JSONResponse:  # noqa: B008
    """Make a signed link from the options of a capture, with `expires` or `expires_in` and `kid`."""
    from ...request.links import signed_link

    access: AccessPolicy = request.app.state.access
    if not access.signing_keys:
        raise NotConfigured("URL_SIGNING_SECRET is not set, so the service cannot sign links.")
    body = await json_body(request)
    if not isinstance(body, dict):
        raise RequestNotValid("The request must be a JSON object of options.")
    expires = _expires(body, access.max_link_age)
    kid = body.pop("kid", None)
    if kid is not None and kid not in access.signing_keys.by_id:
        _reject("kid", "there is no such key")
    capture_request: CaptureRequest = parse(body)
    base = invocation_of(request).base_url
    url = signed_link(base, access.signing_keys, capture_request, expires, kid=kid)
    return JSONResponse({"url": url, "expires": expires})


def _expires(body: dict[str, Any], max_age: int) -> int:
    """Take `expires` (Unix time) or `expires_in` (seconds) out of the body; one hour from now by default."""
    now = int(time.time())
    expires_in = body.pop("expires_in", None)
    expires = body.pop("expires", now + 3600 if expires_in is None else None)
    if expires_in is not None:
        if not isinstance(expires_in, int) or isinstance(expires_in, bool):
            _reject("expires_in", "must be a whole number of seconds")
        expires = now + expires_in
    if not isinstance(expires, int) or isinstance(expires, bool) or not now < expires <= now + max_age:
        _reject("expires", f"must be in the future, at most {max_age} seconds from now")
    return int(expires)


def _reject(field: str, reason: str) -> NoReturn:
    raise RequestNotValid(f"{field}: {reason}.", details=[{"field": field}])
