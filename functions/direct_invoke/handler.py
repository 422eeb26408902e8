"""Direct invocation: the event is the request and the answer is JSON. Errors are returned, not raised."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the other modules.
runtime.warm()

from stillframe import aws, service, site_limits
from stillframe.doors import DIRECT
from stillframe.error_body import error_body
from stillframe.errors import CaptureError, RequestNotValid
from stillframe.request import CaptureRequest, parse
from stillframe.request.defaults import with_defaults
from stillframe.result import CaptureResult
from stillframe.telemetry import captures

aws.start()
# What Step Functions allows in the name of an execution, and no slash or dots that a path could consist of.
_RUN = re.compile(r"(?!\.+$)[^\s/\\\x00-\x1f]{1,80}")


@aws.invocation
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One capture."""
    aws.renew_secrets()
    request_id = getattr(context, "aws_request_id", None)
    try:
        request, object_name = _request(event)
        if request.async_ or request.webhook_url:
            from stillframe.jobs import submit, view

            return view.receipt(submit.submit(request, caller="direct"), "")
        seconds = aws.seconds_left(context)
        result = runtime.run(_capture(request, request_id, seconds, object_name))
    except CaptureError as error:
        captures.rejected(error)
        return error_body(error, request_id or "")
    if request.response_type == "empty":
        return {"format": result.artifact.format, "request_id": result.request_id}
    return result.to_json()


async def _capture(
    request: CaptureRequest, request_id: str | None, seconds: float | None, object_name: str | None
) -> CaptureResult:
    """Capture; a row of a bulk run only while its site has a place."""
    limited = site_limits.place(request.url, seconds) if object_name else contextlib.nullcontext()
    async with limited:
        return await service.capture(
            request,
            DIRECT,
            request_id=request_id,
            seconds=seconds,
            caller="direct",
            object_name=object_name,
        )


def _request(event: Any) -> tuple[CaptureRequest, str | None]:
    """The request of an event, and the name of its object.

    A bulk run sends a CSV `row` or a JSON `line`, shared options, and in `bulk` the run and the row's number.
    """
    kind = next(
        (k for k in ("row", "line") if isinstance(event, dict) and isinstance(event.get(k), dict)), None
    )
    if kind is None:
        return parse(event), None
    from stillframe.batch.manifest import cells

    shared = {name: value for name, value in event.items() if name not in (kind, "bulk")}
    own = cells(event[kind]) if kind == "row" else event[kind]
    # A row cannot change where the run's results go.
    fixed = {k: shared[k] for k in ("store", "response_type") if k in shared}
    request: CaptureRequest = parse(with_defaults(with_defaults(shared, own), fixed))
    if request.async_ or request.webhook_url:
        raise RequestNotValid("async and webhook_url: not allowed in a bulk run, which waits for its rows.")
    return request, _object_name(event.get("bulk"))


def _object_name(bulk: Any) -> str | None:
    """`bulk/<run>/<row>`, by which a row finds its object again, and a repeated row replaces it."""
    if bulk is None:
        return None
    run, row = (bulk.get("run"), bulk.get("row")) if isinstance(bulk, dict) else (None, None)
    if not isinstance(run, str) or not _RUN.fullmatch(run) or not isinstance(row, int) or row < 0:
        raise RequestNotValid("bulk: an object with the name of the run and the number of the row.")
    return f"bulk/{run}/{row:08d}"
