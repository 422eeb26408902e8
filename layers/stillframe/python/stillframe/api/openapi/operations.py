"""Each operation of the OpenAPI document: its name, group, parameters, bodies and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import examples
from .answers import ACCEPTED, EMPTY, REDIRECTED, UNCHANGED, Answers, captured, json_answer
from .parts import headers, ref

TAGS = {
    "capture": "Captures that are answered at once, and their check.",
    "jobs": "Captures that run later.",
    "links": "Captures by a link that needs no token.",
    "service": "What the service offers, and how it is.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `body` is the name of a schema, `examples` are bodies by their summary.

    `errors` are the statuses of its errors beside 401, 403, 500 and 503. `public` needs no credentials.
    """

    id: str
    tag: str
    summary: str
    answers: Answers
    body: str = ""
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: str = ""
    parameters: tuple[dict[str, Any], ...] = ()
    public: bool = False
    uploads: Answers = field(default_factory=dict)


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    shape = {"type": "string"} | schema
    return {"name": name, "in": "header", "required": False, "description": description, "schema": shape}


_KEY = _header("Idempotency-Key", "The same key is the same job.", maxLength=256)
_ASKED = (
    _header("Prefer", "`respond-async, wait=10`: a slower capture becomes a job and is answered 202."),
    _KEY,
    _header("If-None-Match", "ETag of the cached result that the caller has."),
)
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "Id of the job.",
}
# A zip archive may also be the whole body; openapi-python-client 0.29 leaves out an operation with that type.
_UPLOADS: Answers = {"multipart/form-data": {"schema": ref("UploadForm")}}
_CAPTURE_ERRORS = "400 404 405 413 422 429 502 504"

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("get", "/capture"): Operation(
        "captureByQuery",
        "capture",
        "Capture with the options in the query string",
        captured() | ACCEPTED | EMPTY | REDIRECTED | UNCHANGED,
        errors=_CAPTURE_ERRORS,
    ),
    ("post", "/capture"): Operation(
        "capture",
        "capture",
        "Capture with the options as JSON",
        captured() | ACCEPTED | EMPTY | REDIRECTED | UNCHANGED,
        "CaptureOptions",
        examples.CAPTURES,
        _CAPTURE_ERRORS,
        _ASKED,
        uploads=_UPLOADS,
    ),
    ("post", "/capture/json"): Operation(
        "captureJson",
        "capture",
        "Capture and answer with JSON",
        json_answer(
            "CaptureResult",
            examples.RESULT,
            "The bytes as base64 or a link to them, and the report",
            names="capture",
        )
        | ACCEPTED
        | UNCHANGED,
        "CaptureOptions",
        examples.CAPTURES,
        _CAPTURE_ERRORS,
        _ASKED,
        uploads=_UPLOADS,
    ),
    ("post", "/validate"): Operation(
        "validate",
        "capture",
        "Check options without a capture",
        json_answer(
            "Validation",
            {
                "request": {"url": "https://example.com", "full_page": True},
                "plan": {"formats": ["png"], "seconds": 27.0, "context": "shared"},
                "warnings": ["pdf_scale has no effect unless format is pdf"],
                "cache_key": "f461a5b33e3d569b9580320d72704d6a025dfa876b6fef402246242d11476d18",
                "curl": "curl -X POST https://captures.example.com/capture …",
            },
        ),
        "CaptureOptions",
        {"A page": examples.PAGE | {"full_page": True, "pdf_scale": 0.5}},
        "400 413",
    ),
    ("post", "/capture/batch"): Operation(
        "captureBatch",
        "jobs",
        "Submit several captures as jobs",
        json_answer(
            "JobReceipt",
            examples.RECEIPT
            | {
                "jobs": [
                    {
                        "id": "01J9ZQ3M5T-0000",
                        "status_url": "https://captures.example.com/jobs/01J9ZQ3M5T-0000",
                    }
                ]
            },
            "Accepted as a batch",
            "202",
            "X-Request-Id Location X-RateLimit-Limit X-RateLimit-Remaining X-RateLimit-Reset",
        ),
        "BatchRequest",
        {
            "Two pages as PDF": {
                "requests": [examples.PAGE, {"url": "https://example.org"}],
                "options": {"format": "pdf"},
            }
        },
        "400 413 429",
        (_KEY,),
    ),
    ("get", "/jobs/{id}"): Operation(
        "getJob",
        "jobs",
        "State of a job or batch, with its result or error",
        json_answer("Job", examples.JOB, names="X-Request-Id Retry-After"),
        errors="404",
        parameters=(_ID,),
    ),
    ("delete", "/jobs/{id}"): Operation(
        "deleteJob",
        "jobs",
        "Delete a job or batch and its results",
        {"204": {"description": "Deleted; a queued job is not captured", "headers": headers("X-Request-Id")}},
        errors="404",
        parameters=(_ID,),
    ),
    ("post", "/sign"): Operation(
        "sign",
        "links",
        "Make a signed link to a capture",
        json_answer(
            "SignedLink",
            {
                "url": "https://captures.example.com/capture?expires=1800000000&kid=default&url=…&signature=…",
                "expires": 1_800_000_000,
            },
        ),
        "SignRequest",
        {"A link for a day": examples.PAGE | {"expires_in": 86_400}},
        "400 413",
    ),
    ("get", "/devices"): Operation(
        "listDevices",
        "service",
        "Names that `device` accepts",
        json_answer("Devices", {"devices": {"iPhone 15": {"window_width": 393, "window_height": 659}}}),
    ),
    ("get", "/templates"): Operation(
        "listTemplates",
        "service",
        "Names that `template` accepts",
        json_answer("Templates", {"templates": {"mobile": {"device": "iPhone 15"}}}),
    ),
    ("get", "/version"): Operation(
        "getVersion",
        "service",
        "Versions of the service and its parts",
        json_answer("Version", {"version": "0.1.0", "python": "3.13.1"}),
        public=True,
    ),
    ("get", "/health"): Operation(
        "getHealth",
        "service",
        "State of the process and its browser",
        json_answer("Health", {"status": "healthy", "version": "0.1.0", "uptime_seconds": 12}),
        public=True,
    ),
    ("get", "/health/live"): Operation(
        "getLiveness",
        "service",
        "The process responds",
        json_answer("Health", {"status": "alive"}),
        public=True,
    ),
    ("get", "/health/ready"): Operation(
        "getReadiness",
        "service",
        "The browser responds",
        json_answer("Health", {"status": "ready", "browser": "140.0"}),
        public=True,
    ),
}
