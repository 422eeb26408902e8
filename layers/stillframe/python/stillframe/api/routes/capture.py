"""`/capture`, `/validate`, `/sign`: the main door and its two helpers."""

from __future__ import annotations

import json
import shlex
import time
from typing import Any, NoReturn

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from ... import service, signing
from ...doors import Door
from ...errors import BodyTooLarge, NotConfigured, RequestNotValid
from ...keys import cache_key
from ...outputs import uses_quality
from ...request import CaptureRequest, parse, parse_pairs
from ...request.facets import check_link_names, check_linkable
from ..auth import SIGNABLE, Caller, authenticate
from ..invocation import base_url, door_of, seconds_left
from ..prefer import preference
from ..responses import respond

router = APIRouter()


@router.get("/capture")
async def capture_by_query(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Capture with the options in the query string."""
    if caller.signed is None:
        return await _capture(request, caller, parse_pairs(request.query_params.multi_items()))
    check_link_names([name for name, _ in caller.signed])
    wanted: CaptureRequest = parse_pairs(caller.signed)
    check_linkable(wanted)
    return await _capture(request, caller, wanted)


@router.post("/capture")
async def capture_by_body(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """Capture with the options as a JSON object."""
    if request.query_params:
        raise RequestNotValid("A POST takes its options in the body, not in the query string.")
    return await _capture(request, caller, parse(await json_body(request)))


async def _capture(request: Request, caller: Caller, wanted: CaptureRequest) -> Response:
    from . import jobs

    request.state.standing = request.app.state.limiter.take(caller.name)
    door: Door = door_of(request)
    may_wait, wait = preference(request.headers.get("prefer"))
    if wanted.async_ or wanted.webhook_url:
        response = await jobs.accept(request, caller, wanted)
    elif may_wait and door.jobs and caller.signed is None:
        response = await jobs.capture_or_accept(request, caller, wanted, wait)
    else:
        result = await service.capture(
            wanted,
            door,
            request_id=request.state.request_id,
            base_url=base_url(request),
            seconds=seconds_left(request),
            caller=caller.name,
        )
        response = respond(result, request.headers.get("if-none-match"))
    return response


@router.post("/validate")
async def validate(request: Request, caller: Caller = Depends(authenticate)) -> JSONResponse:  # noqa: B008
    """A dry run: the canonical request, what would be ignored, its cache key and a curl line."""
    wanted: CaptureRequest = parse(await json_body(request))
    canonical = wanted.canonical()
    body = shlex.quote(json.dumps(canonical, ensure_ascii=False))
    curl = (
        f"curl -X POST {base_url(request)}/capture -H 'Content-Type: application/json' -H 'Authorization:"
        f" Bearer <token>' -d {body} -o {service.filename(wanted.filename, wanted.format)}"
    )
    return JSONResponse(
        {"request": canonical, "warnings": _ignored(wanted), "cache_key": cache_key(wanted), "curl": curl}
    )


def _ignored(wanted: CaptureRequest) -> list[str]:
    """Options that are set and have no effect in this format."""
    formats = {v.format for v in wanted.variants()}
    said = sorted(wanted.model_fields_set)
    found = []
    if "pdf" not in formats:
        found += [f"{name} has no effect unless format is pdf" for name in said if name.startswith("pdf_")]
    if "image_quality" in said and not any(uses_quality(format) for format in formats):
        found.append("image_quality has no effect unless format is jpeg, webp or avif")
    return found


@router.post("/sign")
async def sign(request: Request, caller: Caller = Depends(authenticate)) -> JSONResponse:  # noqa: B008
    """A signed link of a capture: the same options, plus `expires` or `expires_in` and `kid`."""
    access = request.app.state.access
    if not access.keys:
        raise NotConfigured("URL_SIGNING_SECRET is not set, so links cannot be signed.")
    body = await json_body(request)
    if not isinstance(body, dict):
        raise RequestNotValid("The request must be a JSON object of options.")
    expires = _expires(body, access.max_age)
    kid = body.pop("kid", None)
    if kid is not None and kid not in access.keys.by_id:
        raise RequestNotValid("kid: there is no such key.", details=[{"field": "kid"}])
    wanted: CaptureRequest = parse(body)
    check_linkable(wanted)
    pairs = [
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in wanted.canonical().items()
    ]
    query = signing.sign_query(access.keys, SIGNABLE, pairs, expires, kid=kid)
    return JSONResponse({"url": f"{base_url(request)}{SIGNABLE}?{query}", "expires": expires})


def _expires(body: dict[str, Any], max_age: int) -> int:
    now = int(time.time())
    ahead = body.pop("expires_in", None)
    expires = body.pop("expires", now + 3600 if ahead is None else None)
    if ahead is not None:
        if not isinstance(ahead, int) or isinstance(ahead, bool):
            _refuse("expires_in", "must be a whole number of seconds")
        expires = now + ahead
    if not isinstance(expires, int) or isinstance(expires, bool) or not now < expires <= now + max_age:
        _refuse("expires", f"must lie in the future, at most {max_age} seconds ahead")
    return int(expires)


def _refuse(field: str, reason: str) -> NoReturn:
    raise RequestNotValid(f"{field}: {reason}.", details=[{"field": field}])


async def json_body(request: Request) -> Any:
    """The body as JSON. Raises BodyTooLarge, RequestNotValid."""
    limit = request.app.state.config.max_body_bytes
    length = request.headers.get("content-length") or "0"
    if not (length.isascii() and length.isdigit()):
        raise RequestNotValid("Content-Length: not a number.", details=[{"field": "Content-Length"}])
    if len(length) > 18 or int(length) > limit:
        raise BodyTooLarge(f"The body is over the limit of {limit} bytes.")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(f"The body is over the limit of {limit} bytes.")
        chunks.append(chunk)
    try:
        return json.loads(b"".join(chunks), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise RequestNotValid("The body is not valid JSON.") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
