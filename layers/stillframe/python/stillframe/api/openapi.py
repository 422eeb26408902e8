"""The OpenAPI document, generated from the request model: a body for POST, parameters for GET."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .. import __version__
from ..errors import leaves
from ..outputs import media_types
from ..request import CaptureRequest

_ERROR = {
    "type": "object",
    "required": ["status", "message", "error_type", "code", "retryable", "request_id", "timestamp"],
    "properties": {
        "status": {"const": "error", "type": "string"},
        "message": {"type": "string"},
        "error_type": {"type": "string"},
        "error_details": {"type": "array", "items": {"type": "object"}},
        "timestamp": {"type": "string", "format": "date-time"},
        "code": {"type": "string"},
        "retryable": {"type": "boolean"},
        "request_id": {"type": "string"},
        "documentation_url": {"type": "string"},
        "target": {"type": "object"},
    },
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def install(app: FastAPI) -> None:
    """Make the application's `openapi` method return the document of this module."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def build(app: FastAPI) -> dict[str, Any]:
    """The whole document, with the options, the error body and the response formats."""
    document = get_openapi(
        title="Stillframe",
        version=__version__,
        routes=app.routes,
        description="Capture any URL or HTML as PNG, JPEG, WebP, AVIF, PDF, HTML, Markdown or text.",
    )
    model = CaptureRequest.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    definitions = model.pop("$defs", {})
    components = document.setdefault("components", {})
    components["schemas"] = {
        **components.get("schemas", {}),
        **definitions,
        "CaptureRequest": model,
        "Error": _ERROR,
    }
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    }
    document["security"] = [{"bearer": []}, {"key": []}]
    errors = _errors()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"] = {k: v for k, v in operation["responses"].items() if k != "422"} | errors
            for content in operation["responses"].get("200", {}).get("content", {}).values():
                content["schema"] = content["schema"] or {"type": "object"}
            if path in ("/capture", "/validate", "/sign") and method == "post":
                operation["requestBody"] = _body(path)
            if path == "/capture":
                operation["responses"] |= _successes()
            if path == "/capture" and method == "get":
                operation["parameters"] = [_parameter(n, s) for n, s in model["properties"].items()]
    return document


def _body(path: str) -> dict[str, Any]:
    reference: dict[str, Any] = {"$ref": "#/components/schemas/CaptureRequest"}
    if path == "/sign":
        properties = {
            "expires": {"type": "integer"},
            "expires_in": {"type": "integer"},
            "kid": {"type": "string"},
        }
        reference = {"anyOf": [reference, {"type": "object", "properties": properties}]}
    return {"required": True, "content": {"application/json": {"schema": reference}}}


def _successes() -> dict[str, Any]:
    return {
        "200": {"description": "The capture", "content": dict.fromkeys(media_types(), _BINARY)},
        "202": {
            "description": "Accepted as a job",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "204": {"description": "Captured; `response_type` is `empty`"},
        "303": {"description": "The result is stored; Location is a link to it"},
        "304": {"description": "The cached result matches the caller's `If-None-Match`"},
    }


def _errors() -> dict[str, Any]:
    codes: dict[int, list[str]] = {}
    for error in leaves():
        codes.setdefault(error.status, []).append(error.code)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        str(status): {"description": ", ".join(names), "content": content}
        for status, names in sorted(codes.items())
    }


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """One query parameter; an object is passed as JSON text."""
    shape = {k: v for k, v in schema.items() if k != "description"}
    nested = "$ref" in str(shape) or '"object"' in str(shape) or "'object'" in str(shape)
    entry: dict[str, Any] = {
        "name": name,
        "in": "query",
        "required": False,
        "description": schema.get("description", ""),
    }
    if nested:
        return entry | {"content": {"application/json": {"schema": shape}}}
    return entry | {"schema": shape, "style": "form", "explode": True}
