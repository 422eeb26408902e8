"""Responses and errors in the shapes that clients of other services read."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.responses import JSONResponse, Response

from ..errors import ResultTooLarge

Values = Mapping[str, Any]


def shaped(shape: str, response: Response, values: Values) -> Response:
    """The response in the shape of its route; what is not a finished capture stays as it is."""
    return SHAPES[shape](response, values)


def error(service: str, response: JSONResponse) -> Response:
    """Our error body with the fields that the service's clients read, or its message as text."""
    ours = json.loads(bytes(response.body))
    headers = _headers(response)
    if service in ("browserless", "gotenberg"):
        return Response(ours["message"], response.status_code, headers, "text/plain; charset=utf-8")
    return JSONResponse(ours | _ERRORS[service](ours, response.status_code), response.status_code, headers)


def _headers(response: Response) -> dict[str, str]:
    return {
        name: value
        for name, value in response.headers.items()
        if name not in ("content-length", "content-type", "content-disposition")
    }


_ERRORS: dict[str, Callable[[dict[str, Any], int], dict[str, Any]]] = {
    "pixashot": lambda ours, status: {},
    "screenshotone": lambda ours, status: {
        "is_successful": False,
        "error_code": ours["code"],
        "error_message": ours["message"],
    },
    "urlbox": lambda ours, status: {
        "error": {"message": ours["message"], "code": ours["code"]},
        "requestId": ours["request_id"],
    },
    "cloudflare": lambda ours, status: {
        "success": False,
        "errors": [{"code": status, "message": ours["message"]}],
        "messages": [],
        "result": None,
    },
}


def _unchanged(response: Response, values: Values) -> Response:
    return response


def _picture(response: Response, values: Values) -> Response:
    """The bytes, or their base64 as text where Puppeteer's `encoding` asks for it."""
    options = values.get("options") or values.get("screenshotOptions") or {}
    # As the table reads it: in upper or lower case.
    encoding = str(options.get("encoding")).strip().lower()
    if response.status_code != 200 or encoding != "base64":
        return response
    return Response(base64.b64encode(bytes(response.body)), 200, _headers(response), "text/plain")


def _cloudflare(response: Response, values: Values) -> Response:
    """`{success, result}` with the text, or with each part of a snapshot. Raises ResultTooLarge."""
    if response.status_code != 200:
        return response
    ours = json.loads(bytes(response.body))
    facts = ours.get("metadata") or {}
    target = (ours.get("report") or {}).get("target") or {}
    meta = {"status": target.get("status"), "title": facts.get("title")}
    if "outputs" in ours:
        names = {"html": "content", "markdown": "markdown"}
        result: Any = {}
        for part in ours["outputs"]:
            name = names.get(part["format"], "screenshot")
            result[name] = part["file"] if name == "screenshot" else _text(part)
    else:
        result = _text(ours)
    return JSONResponse({"success": True, "result": result, "meta": meta}, 200, _headers(response))


def _text(part: dict[str, Any]) -> str:
    if "file" not in part:
        raise ResultTooLarge(
            "The result is too large for a JSON response; use /compat/cloudflare/pdf or /capture."
        )
    return base64.b64decode(part["file"]).decode("utf-8", "replace")


def _urlbox(response: Response, values: Values) -> Response:
    """`{renderUrl, size}` of a stored result, and `{status, renderId, statusUrl}` of a job."""
    if response.status_code not in (200, 202) or response.media_type != "application/json":
        return response
    ours = json.loads(bytes(response.body))
    if response.status_code == 202:
        job = {"status": "created", "renderId": ours["id"], "statusUrl": ours["status_url"]}
        return JSONResponse(job, 201, _headers(response))
    if "url" not in ours:
        return response
    return JSONResponse({"renderUrl": ours["url"], "size": ours["bytes"]}, 200, _headers(response))


SHAPES: dict[str, Callable[[Response, Values], Response]] = {
    "bytes": _unchanged,
    "gotenberg": _unchanged,
    "render link": _unchanged,
    "picture": _picture,
    "cloudflare": _cloudflare,
    "urlbox": _urlbox,
}
