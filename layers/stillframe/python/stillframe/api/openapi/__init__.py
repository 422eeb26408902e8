"""The OpenAPI document, generated from the request model: a body for POST, parameters for GET.

It is built when it is first asked for, and what it is made of is imported then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ... import __version__

if TYPE_CHECKING:
    from .operations import Operation

_DESCRIPTION = "Capture any URL or HTML as PNG, JPEG, WebP, AVIF, PDF, HTML, Markdown or text."
_RESOLVED = "The options of a capture with the defaults that apply where a request does not set them."
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of AUTH_TOKEN."},
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "The same token."},
    "signature": {
        "type": "apiKey",
        "in": "query",
        "name": "signature",
        "description": "Signature of a link that `POST /sign` made; `expires` and `kid` belong to it.",
    },
}
_CREDENTIALS: list[dict[str, list[str]]] = [{"bearer": []}, {"key": []}]
# Errors that every operation with credentials can have.
_COMMON = ("401", "403", "500", "503")


def install(app: FastAPI) -> None:
    """Make the application's `openapi` method return the document of this module."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def build(app: FastAPI) -> dict[str, Any]:
    """The whole document, with the options, the error body and the response formats."""
    from ...request import CaptureRequest
    from .. import form_hints
    from . import parts, schemas
    from .operations import OPERATIONS, TAGS

    document = get_openapi(
        title="Stillframe",
        version=__version__,
        routes=app.routes,
        description=_DESCRIPTION,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    model = CaptureRequest.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    form_hints.add(model, model.get("$defs", {}))
    definitions = model.pop("$defs", {})
    components = document.setdefault("components", {})
    options = _without_defaults(model) | {"title": "CaptureOptions"}
    components |= {
        "schemas": {
            **{name: _without_defaults(schema) for name, schema in definitions.items()},
            "CaptureOptions": options,
            "CaptureRequest": model | {"description": _RESOLVED},
            **schemas.bodies(options["properties"]),
            **schemas.answers(),
        },
        "responses": _errors(),
        "headers": {
            name: {"description": schema["description"], "schema": schema}
            for name, schema in parts.HEADERS.items()
        },
        "securitySchemes": _SECURITY,
    }
    document["security"] = _CREDENTIALS
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if (known := OPERATIONS.get((method, path))) is not None:
                _describe(operation, known)
    query = document["paths"]["/capture"]["get"]
    query["parameters"] = [_parameter(n, s) for n, s in options["properties"].items()]
    query["security"] = [*_CREDENTIALS, {"signature": []}]
    return document


def _without_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object of options, with `x-default` in place of `default`.

    Generated clients send what `default` names (openapi-python-client) or ask callers for it
    (openapi-typescript). An option that is sent takes precedence over a template, a device and the
    operator's default, also when it has the default value.
    """
    options = {}
    for name, option in schema["properties"].items():
        options[name] = {k: v for k, v in option.items() if k != "default"}
        if option.get("default") is not None:
            options[name]["x-default"] = option["default"]
    return schema | {"properties": options}


def _describe(operation: dict[str, Any], known: Operation) -> None:
    """Add to an operation of FastAPI what its signature does not tell."""
    from .parts import ref

    operation["operationId"] = known.id
    operation["tags"] = [known.tag]
    operation["summary"] = known.summary
    if known.parameters:
        operation["parameters"] = list(known.parameters)
    if known.public:
        operation["security"] = []
    if known.body:
        examples = {
            f"example{number}": {"summary": summary, "value": value}
            for number, (summary, value) in enumerate(known.examples.items(), 1)
        }
        content = {"application/json": {"schema": ref(known.body), "examples": examples}} | known.uploads
        operation["requestBody"] = {"required": True, "content": content}
    common = ("500", "503") if known.public else _COMMON
    errors = sorted({*known.errors.split(), *common})
    operation["responses"] = known.answers | {s: {"$ref": f"#/components/responses/Error{s}"} for s in errors}


def _errors() -> dict[str, Any]:
    """A response for each status of an error; the description lists the codes."""
    from ...errors import leaves
    from .examples import ERROR
    from .parts import headers, ref

    codes: dict[int, list[str]] = {}
    for error in leaves():
        codes.setdefault(error.status, []).append(error.code)
    found = {}
    for status, names in sorted(codes.items()):
        body: dict[str, Any] = {"schema": ref("Error")}
        if status == 400:
            body["examples"] = {"error": {"value": ERROR}}
        found[f"Error{status}"] = {
            "description": ", ".join(names),
            "headers": headers("X-Request-Id Retry-After" if status in (429, 503) else "X-Request-Id"),
            "content": {"application/json": body},
        }
    return found


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
