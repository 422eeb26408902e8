"""Errors as HTTP answers: Pixashot's fields and ours, never a stack."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from ..errors import CaptureError, InternalError, MethodNotAllowed, NotFound, RequestNotValid
from ..problem import body_of
from .headers import common_headers

log = logging.getLogger("stillframe")


def answer(error: CaptureError, request: Request) -> JSONResponse:
    """The error as a response, with what the client needs to try again."""
    request_id = request.state.request_id
    headers = common_headers(request_id, error.target, error.timings)
    if error.retry_after is not None or error.status in (429, 503):
        headers["Retry-After"] = str(error.retry_after or 1)
    headers |= getattr(error, "standing", None) or {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    level = logging.ERROR if error.status >= 500 and error.code != "deadline_exceeded" else logging.INFO
    cause = error.__cause__
    log.log(
        level,
        "request failed",
        extra={
            "request_id": request_id,
            "code": error.code,
            "status_code": error.status,
            "cause": type(cause).__name__ if cause else None,
        },
    )
    return JSONResponse(body_of(error, request_id), error.status, headers)


def install(app: FastAPI) -> None:
    """Answer every exception of the application in the one shape."""

    @app.exception_handler(CaptureError)
    async def ours(request: Request, error: CaptureError) -> Response:
        return answer(error, request)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(NotFound(f"There is no {request.url.path}."), request)
        if error.status_code == 405:
            return answer(MethodNotAllowed(f"{request.url.path} does not take {request.method}."), request)
        return answer(RequestNotValid(str(error.detail)), request)

    @app.exception_handler(Exception)
    async def other(request: Request, error: Exception) -> Response:
        log.exception("unexpected fault", exc_info=error)
        return answer(InternalError("An unexpected fault; the log has it under the request id."), request)
