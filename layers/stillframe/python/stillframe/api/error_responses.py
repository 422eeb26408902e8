"""Errors as HTTP responses, without stack traces."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from ..error_body import error_body
from ..errors import CaptureError, InternalError, MethodNotAllowed, NotFound, RequestNotValid
from ..telemetry import captures
from .headers import common_headers
from .invocation import invocation_of

log = logging.getLogger("stillframe")


def error_response(error: CaptureError, request: Request) -> JSONResponse:
    """The error body, with the headers that a client needs for a retry."""
    request_id = invocation_of(request).request_id
    captures.rejected(error)
    captures.answered(invocation_of(request).door.name, error.status)
    headers = common_headers(request_id, error.target, error.timings)
    if error.retry_after is not None or error.status in (429, 503):
        headers["Retry-After"] = str(error.retry_after or 1)
    headers |= getattr(error, "rate_limit_status", None) or {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if not error.timings:  # a capture has a log line of its own
        cause = error.__cause__
        log.log(
            logging.ERROR if error.status >= 500 else logging.INFO,
            "request refused",
            extra={
                "request_id": request_id,
                "code": error.code,
                "status_code": error.status,
                "cause": type(cause).__name__ if cause else None,
            },
        )
    return JSONResponse(error_body(error, request_id), error.status, headers)


def install(app: FastAPI) -> None:
    """Answer every exception of the application with the error body."""

    @app.exception_handler(CaptureError)
    async def capture_error(request: Request, error: CaptureError) -> Response:
        return error_response(error, request)

    @app.exception_handler(HTTPException)
    async def http_exception(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return error_response(NotFound(f"There is no route {request.url.path}."), request)
        if error.status_code == 405:
            return error_response(
                MethodNotAllowed(f"{request.url.path} does not support {request.method}."), request
            )
        return error_response(RequestNotValid(str(error.detail)), request)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.exception("unexpected fault", exc_info=error)
        return error_response(
            InternalError("An unexpected fault; the log has it under the request id."), request
        )
