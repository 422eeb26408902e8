"""The answers that operations of the OpenAPI document share, by their status."""

from __future__ import annotations

from typing import Any

from ...outputs import CONTENT_TYPES
from . import examples
from .parts import headers, ref

Answers = dict[str, dict[str, Any]]
_BINARY = {"type": "string", "format": "binary"}


def json_answer(
    name: str,
    example: dict[str, Any],
    description: str = "",
    status: str = "200",
    names: str = "X-Request-Id",
) -> Answers:
    """An answer in JSON: the name of its schema, an example, and the names of its headers."""
    content = {"application/json": {"schema": ref(name), "examples": {"answer": {"value": example}}}}
    return {status: {"description": description or name, "headers": headers(names), "content": content}}


def captured() -> Answers:
    """The bytes by their content type, or JSON where `response_type` asks for it."""
    # Generated clients take the first content type that they know: for them a result is bytes.
    content: dict[str, Any] = {"application/octet-stream": {"schema": _BINARY}}
    for name in CONTENT_TYPES.values():
        content[name.partition(";")[0]] = {"schema": _BINARY}
    content["application/json"] = {
        "schema": {"anyOf": [ref("CaptureResult"), ref("PageMetadata")]},
        "examples": {"json": {"summary": "response_type: json", "value": examples.RESULT}},
    }
    description = (
        "The bytes, with the content type of the format. JSON with `response_type` `json` and `url`, and the"
        " facts of the page with `format` `metadata`."
    )
    return {
        "200": {
            "description": description,
            "headers": headers("capture Content-Disposition"),
            "content": content,
        }
    }


ACCEPTED = json_answer(
    "JobReceipt", examples.RECEIPT, "Accepted as a job", "202", "X-Request-Id Location Preference-Applied"
)
REDIRECTED = {
    "303": {
        "description": "The result is stored; Location is a link to it",
        "headers": headers("capture Location"),
    }
}
UNCHANGED = {
    "304": {
        "description": "The cached result matches the caller's `If-None-Match`",
        "headers": headers("capture"),
    }
}
EMPTY = {"204": {"description": "Captured; `response_type` is `empty`", "headers": headers("capture")}}
