"""Direct invocation: the event is the request and the answer is JSON. Errors are returned, not raised."""

from __future__ import annotations

from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the other modules.
runtime.warm()

from stillframe import aws, service
from stillframe.batch.manifest import cells
from stillframe.doors import DIRECT
from stillframe.error_body import error_body
from stillframe.errors import CaptureError, RequestNotValid
from stillframe.jobs import view
from stillframe.jobs.submit import submit
from stillframe.request import CaptureRequest, parse
from stillframe.request.defaults import with_defaults
from stillframe.telemetry import captures

aws.start()


@aws.invocation
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One capture."""
    request_id = getattr(context, "aws_request_id", None)
    try:
        request = _request(event)
        if request.async_ or request.webhook_url:
            return view.receipt(submit(request, caller="direct"), "")
        work = service.capture(
            request, DIRECT, request_id=request_id, seconds=aws.seconds_left(context), caller="direct"
        )
        result = runtime.run(work)
    except CaptureError as error:
        captures.rejected(error)
        return error_body(error, request_id or "")
    if request.response_type == "empty":
        return {"format": result.artifact.format, "request_id": result.request_id}
    return result.to_json()


def _request(event: Any) -> CaptureRequest:
    """The request of an event. A bulk run sends a CSV `row` or a JSON `line`, and shared options."""
    kind = next(
        (k for k in ("row", "line") if isinstance(event, dict) and isinstance(event.get(k), dict)), None
    )
    if kind is None:
        return parse(event)  # type: ignore[no-any-return]
    shared = {name: value for name, value in event.items() if name != kind}
    own = cells(event[kind]) if kind == "row" else event[kind]
    # A row cannot change where the run's results go.
    fixed = {k: shared[k] for k in ("store", "response_type") if k in shared}
    request: CaptureRequest = parse(with_defaults(with_defaults(shared, own), fixed))
    if request.async_ or request.webhook_url:
        raise RequestNotValid("async and webhook_url: not allowed in a bulk run, which waits for its rows.")
    return request
