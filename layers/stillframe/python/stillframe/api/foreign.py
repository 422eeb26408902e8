"""Answer a request of another service: who sends it, what it means, the response its client reads."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from .. import compat
from ..compat.service import Route, Service, translate
from ..errors import AuthRequired, CaptureError, MethodNotAllowed, NotFound, RequestNotValid
from ..request import CaptureRequest, parse_pairs
from ..request.reading import validate
from . import body, foreign_responses, upload
from .auth import Caller, identify
from .dispatch import dispatch
from .error_responses import error_response

# Bytes of a body that is read before its sender is known: the token may be in it.
_MAX_UNKNOWN_BYTES = 1_000_000
_CARRIERS = ("access_key", "token", "signature")


async def answer(request: Request) -> Response:
    """The response to one request of another service, in its shape. Raises CaptureError for no service."""
    name, path = request.path_params["service"], request.path_params["path"]
    if name not in compat.SERVICES:
        identify(request)
        raise NotFound(f"There is no service {name[:40]!r}; there are {', '.join(compat.SERVICES)}.")
    service = await asyncio.to_thread(compat.service, name)
    try:
        return await _answer(request, service, path)
    except CaptureError as error:
        return foreign_responses.error(service.name, error_response(error, request))


async def _answer(request: Request, service: Service, path: str) -> Response:
    caller = await _caller(request, service)
    route = _route(service, path, request.method)
    if service.name == "pixashot":
        native = request.method == "GET"
        pairs = request.query_params.multi_items()
        wanted = parse_pairs(pairs) if native else await body.capture_request_of(request)
        return await dispatch(request, caller, wanted)
    values, archive = await _values(request, service, route, path)
    wanted = await asyncio.to_thread(_request, service, route, values, archive)
    response = await dispatch(request, caller, wanted)
    return foreign_responses.shaped(route.shape, response, values)


def _route(service: Service, path: str, method: str) -> Route:
    """The route of a path. Raises NotFound, which says what to use instead, and MethodNotAllowed."""
    found = [route for route in service.routes if route.pattern.fullmatch(path)]
    route = next((route for route in found if method in route.methods), None)
    if route is not None:
        return route
    if found:
        raise MethodNotAllowed(f"{service.title} {path} does not support {method}.")
    for prefix, instead in service.elsewhere.items():
        if path.rstrip("/").endswith(prefix) or path.startswith(prefix):
            raise NotFound(f"{service.title} {path[:100]}: {instead}.")
    if service.name == "urlbox" and path.startswith("v1/") and path.count("/") == 3:
        raise NotFound(
            "A render link with a token is signed with Urlbox's secret. Sign a link with POST /sign, or send"
            " `GET /compat/urlbox/v1/<key>/<format>?…` with `Authorization: Bearer <token>`."
        )
    known = ", ".join(dict.fromkeys(route.path for route in service.routes))
    raise NotFound(f"{service.title} has no path {path[:100]!r} here; there are {known}.")


async def _caller(request: Request, service: Service) -> Caller:
    """Who sends the request: by our headers, or by the service's own where it is no part of the address.

    Raises as `auth.authenticate` does.
    """
    listed = {row.name: row.note for row in service.rows() if row.how == "refused"}
    for name in _CARRIERS:
        if name in request.query_params and name in listed:
            raise AuthRequired(f"{name}: {listed[name]}.")
    return identify(request, await _carried(request, service.name))


async def _carried(request: Request, name: str) -> str | None:
    """The token that a client of the service sends, without ours: a header, or a field of the JSON body."""
    headers = request.headers
    if name == "screenshotone" and "authorization" not in headers and "x-api-key" not in headers:
        if (key := headers.get("x-access-key")) is not None:
            return key
        length = headers.get("content-length", "")
        # As in `body.bytes_of`: Python refuses to convert a text of thousands of digits.
        short = length.isascii() and length.isdigit() and len(length) <= 18
        if request.method == "POST" and short and int(length) <= _MAX_UNKNOWN_BYTES:
            try:
                value = body.loads(await request.body())
            except RequestNotValid:
                return None  # nobody is told more of a body before its sender is known
            key = value.get("access_key") if isinstance(value, dict) else None
            return key if isinstance(key, str) else None
    if name == "gotenberg" and headers.get("authorization", "").startswith("Basic "):
        try:
            pair = base64.b64decode(headers["authorization"][6:], validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise AuthRequired("Authorization: not a user name and a password in base64.") from None
        return pair.partition(":")[2]
    return None


async def _values(
    request: Request, service: Service, route: Route, path: str
) -> tuple[dict[str, Any], str | None]:
    """The options of the request by their foreign names, and the files of a form. Raises RequestNotValid."""
    values: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name not in values:
            values[name] = text
            continue
        if not isinstance(values[name], list):
            values[name] = [values[name]]
        values[name].append(text)
    if request.method == "GET":
        if route.shape == "render link":
            values["format"] = path.rstrip("/").rsplit("/", 1)[-1]
        return values, None
    if service.name == "gotenberg":
        return await _form(request, route)
    given = body.loads(await request.body()) if hasattr(request, "_body") else await body.json_body(request)
    if not isinstance(given, dict):
        raise RequestNotValid("The request must be a JSON object of options.")
    if service.name == "screenshotone":
        given.pop("access_key", None)
    if twice := sorted(set(given) & set(values)):
        raise RequestNotValid(f"{twice[0]}: given in the body and in the query string.")
    return values | given, None


async def _form(request: Request, route: Route) -> tuple[dict[str, Any], str | None]:
    from ..compat import gotenberg_files

    written = request.headers.get("content-type", "")
    if written.partition(";")[0].strip().lower() != upload.FORM_TYPE:
        raise RequestNotValid(
            "Content-Type: Gotenberg's routes take multipart/form-data.", details=[{"field": "Content-Type"}]
        )
    data = await body.bytes_of(request)
    values, archive = await asyncio.to_thread(
        lambda: gotenberg_files.values(upload.parts(data, written), route)
    )
    known = {name.lower(): name for name in route.rows if name.startswith("Gotenberg-")}
    values |= {known[name]: text for name, text in request.headers.items() if name in known}
    return values, archive


def _request(service: Service, route: Route, values: dict[str, Any], archive: str | None) -> CaptureRequest:
    """The request that foreign options mean. Raises RequestNotValid, which names the foreign options."""
    options, sources = translate(service, route, values)
    if archive is not None:
        options["archive"] = archive
    try:
        found: CaptureRequest = validate(options)
    except RequestNotValid as error:
        for detail in error.details:
            source = sources.get(str(detail.get("field", "")).partition(".")[0])
            if source is not None and source != detail["field"]:
                detail["message"] = f"{detail['message']} (from {source})"
        shown = "; ".join(str(d.get("message", error.message)) for d in error.details[:5]) or error.message
        raise RequestNotValid(shown, details=error.details) from None
    return found
