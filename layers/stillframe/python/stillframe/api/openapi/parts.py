"""What the OpenAPI document is put together from: builders of schemas, and the headers of answers."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(description: str = "", **more: Any) -> Schema:
    """A text."""
    return {"type": "string"} | ({"description": description} if description else {}) | more


def number(description: str = "", kind: str = "integer") -> Schema:
    """A number."""
    return {"type": kind} | ({"description": description} if description else {})


def flag(description: str) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": description}


def ref(name: str) -> Schema:
    """A schema of `components`."""
    return {"$ref": f"#/components/schemas/{name}"}


def some(items: Schema, description: str = "", **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": items} | ({"description": description} if description else {}) | more


def nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    description = {k: schema[k] for k in ("description",) if k in schema}
    return description | {
        "anyOf": [{k: v for k, v in schema.items() if k != "description"}, {"type": "null"}]
    }


def record(properties: Schema, required: str = "", description: str = "") -> Schema:
    """An object. Later versions may add fields; `required` names those that are always there."""
    found: Schema = {"type": "object", "properties": properties}
    if required:
        found["required"] = required.split()
    return found | ({"description": description} if description else {})


def free(description: str) -> Schema:
    """An object with any fields."""
    return {"type": "object", "additionalProperties": True, "description": description}


HEADERS: dict[str, Schema] = {
    "X-Request-Id": text("The id under which the service logged the request."),
    "X-Capture-Verdict": text("`ok`, or the codes of the problems: `broken_image=2, banner=1`."),
    "X-Capture-Warnings": text("Codes of the warnings."),
    "X-Capture-Debug": text("Link to the file of `debug`."),
    "X-Receipt": text("What the capture used: `billed_ms=1200, usd=0.00004, …`."),
    "X-Response-Code": number("HTTP status of the target."),
    "X-Response-URL": text("URL of the page that was captured."),
    "X-Cache": text("`hit` or `miss`, with the option `cache`."),
    "Server-Timing": text("Milliseconds of each phase."),
    "ETag": text("Names a cached result for `If-None-Match`."),
    "Content-Disposition": text("The name of the file."),
    "Location": text("Where the result or job is.", format="uri"),
    "Preference-Applied": text("`respond-async` where a slow capture became a job."),
    "Retry-After": number("Seconds to wait before the next request."),
    "X-RateLimit-Limit": number("Requests of the caller's period."),
    "X-RateLimit-Remaining": number("Requests that are left."),
    "X-RateLimit-Reset": number("Seconds until all are there again."),
}
_OF_CAPTURES = (
    "X-Request-Id X-Capture-Verdict X-Capture-Warnings X-Capture-Debug X-Receipt X-Response-Code"
    " X-Response-URL X-Cache Server-Timing ETag"
)


def headers(names: str) -> Schema:
    """References to headers, by their names; `capture` stands for those of every capture."""
    found = names.replace("capture", _OF_CAPTURES).split()
    return {name: {"$ref": f"#/components/headers/{name}"} for name in found}
