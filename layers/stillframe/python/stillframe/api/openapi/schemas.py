"""The schemas of what the service answers, and of bodies that are not one capture."""

from __future__ import annotations

from typing import get_args

from ...errors import leaves
from ...options import facets_of
from ...outputs import OUTPUTS
from ...outputs.metadata import FIELDS
from ...request import CaptureRequest
from ...verdict import Code, Severity
from .parts import Schema, flag, free, nullable, number, record, ref, some, text

_TIME = text(format="date-time")
_STATUS = text("State of the job.", enum=["queued", "running", "done", "failed"])


def answers() -> dict[str, Schema]:
    """The schemas of answers, by name."""
    return {
        "Error": _error(),
        "ErrorDetail": record(
            {
                "field": text("Name of the field that is at fault."),
                "message": text("What is wrong with it, and how to fix it."),
                "type": text("Kind of the fault."),
                "suggestion": text("The known name that is nearest to an unknown one."),
                "phase": text("Phase of the capture in which its deadline was exceeded."),
            },
            description="One place of the request that is at fault.",
        ),
        "Target": record(
            {
                "url": nullable(text("The requested URL.")),
                "final_url": nullable(text("The URL of the page that was captured.")),
                "status": nullable(number("HTTP status of the target.")),
            },
            description="The captured page; all null for HTML in the request.",
        ),
        "Finding": record(
            {
                "code": text("One of the codes of docs/verdict.md.", examples=list(get_args(Code))[:3]),
                "severity": text(enum=list(get_args(Severity))),
                "message": text(),
                "count": number(),
                "items": some(free("One occurrence."), "The first occurrences."),
            },
            "code severity message count",
            "One thing that is wrong with a result, or a notice.",
        ),
        "Verdict": record(
            {"ok": flag("No finding is a problem."), "findings": some(ref("Finding"))},
            "ok findings",
            "What is wrong with a result.",
        ),
        "Report": record(
            {
                "verdict": ref("Verdict"),
                "warnings": some(record({"code": text(), "message": text()}, "code message")),
                "target": ref("Target"),
                "timings": {
                    "type": "object",
                    "additionalProperties": number(kind="number"),
                    "description": "Milliseconds of each phase.",
                },
                "receipt": free("Time, memory and bytes that the capture used, and their price on Lambda."),
            },
            description="What the capture met.",
        ),
        "CaptureResult": _result(),
        "PageMetadata": free(f"Facts about the page: {', '.join(FIELDS)}."),
        "JobReceipt": record(
            {
                "id": text("The id of the job or batch."),
                "status": _STATUS,
                "status_url": text("Address of `GET /jobs/{id}`.", format="uri"),
                "jobs": some(
                    record({"id": text(), "status_url": text(format="uri")}, "id status_url"),
                    "The jobs of a batch, in the order of its requests.",
                ),
                "durable": flag("False on a local server, which loses its jobs when it stops."),
            },
            "id status status_url",
            "A capture or batch that was accepted.",
        ),
        "Job": _job(),
        "Validation": record(
            {
                "request": free("The options under their canonical names, without defaults."),
                "plan": free("What the capture would do."),
                "warnings": some(text(), "Traps: options without an effect, waits that cannot be met."),
                "cache_key": text("Equal for requests that give the same result."),
                "curl": text("A command for the same capture."),
            },
            "request plan warnings cache_key curl",
        ),
        "SignedLink": record(
            {"url": text(format="uri"), "expires": number("Seconds since 1970.")}, "url expires"
        ),
        "Devices": record({"devices": _named("The options of each device.")}, "devices"),
        "Templates": record({"templates": _named("The options of each template.")}, "templates"),
        "Version": record(
            {
                "version": text(),
                "release": nullable(text()),
                "chromium": nullable(text()),
                "playwright": nullable(text()),
                "python": text(),
                "filter_lists": {"type": "object", "additionalProperties": {"type": "string"}},
                "build": nullable(free("Facts of the image.")),
            },
            "version python",
        ),
        "Health": record(
            {"status": text(), "version": text(), "uptime_seconds": number(), "browser": nullable(text())},
            "status",
        ),
    }


def _named(description: str) -> Schema:
    return {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": True},
        "description": description,
    }


def _error() -> Schema:
    return record(
        {
            "status": text(enum=["error"]),
            "message": text("What happened, and how to fix it."),
            "error_type": text("Class of the error."),
            "error_details": some(ref("ErrorDetail")),
            "timestamp": _TIME,
            "code": text("Stable code of the error.", examples=[error.code for error in leaves()][:3]),
            "retryable": flag("The same request may succeed later."),
            "request_id": text("The id under which the service logged the request."),
            "documentation_url": text(format="uri"),
            "target": ref("Target"),
        },
        "status message error_type code retryable request_id timestamp",
        "Every error has this body.",
    )


def _result() -> Schema:
    return record(
        {
            "file": text(
                "The bytes as base64, unless the result is stored or has `outputs`.", contentEncoding="base64"
            ),
            "url": text("Link to the stored result.", format="uri"),
            "expires_at": text("When the link expires.", format="date-time"),
            "key": text("Key of the stored object."),
            "bucket": text("Bucket of the stored object."),
            "s3_uri": text("Address of the stored object."),
            "version": text("Version of the stored object."),
            "outputs": some(ref("CaptureResult"), "One result for each entry of the option `outputs`."),
            "format": text("The format, or `zip` for several outputs.", examples=[*OUTPUTS][:3]),
            "content_type": text(),
            "width": nullable(number("Pixels; null for formats that are no picture.")),
            "height": nullable(number("Pixels; null for formats that are no picture.")),
            "bytes": number("Size of the result."),
            "tile": free("Which part of a picture it shows, with the option `tiles`."),
            "filename": text(),
            "report": ref("Report"),
            "request_id": text(),
            "cache": text("`hit` or `miss`, with the option `cache`."),
            "external_id": text(),
            "metadata": ref("PageMetadata"),
        },
        "format content_type bytes filename report request_id",
        "A result as JSON: the bytes or a link to them, and the report.",
    )


def _job() -> Schema:
    return record(
        {
            "id": text(),
            "status": _STATUS,
            "created_at": _TIME,
            "finished_at": nullable(_TIME),
            "external_id": text(),
            "result": ref("CaptureResult"),
            "error": ref("Error"),
            "webhook": record(
                {"status": text(), "attempts": number(), "answer": nullable(text())}, "status attempts"
            ),
            "durable": flag("False on a local server, which loses its jobs when it stops."),
            "counts": {
                "type": "object",
                "additionalProperties": {"type": "integer"},
                "description": "Of a batch: how many of its jobs are in each state.",
            },
            "jobs": some(
                record(
                    {"id": text(), "status": text(), "status_url": text(format="uri")}, "id status status_url"
                ),
                "Of a batch: its jobs, in the order of the requests.",
            ),
        },
        "id status created_at finished_at",
        "A job with its result or error once it is finished, or a batch with its jobs.",
    )


def bodies(properties: dict[str, Schema]) -> dict[str, Schema]:
    """The schemas of request bodies made of the options of a capture."""
    linkable = {
        CaptureRequest.model_fields[name].alias or name
        for name, facets in facets_of(CaptureRequest).items()
        if facets.linkable is not False
    }
    signing = {
        "expires": number("When the link expires, in seconds since 1970."),
        "expires_in": number("Seconds until the link expires; an hour by default."),
        "kid": text("Id of the key that signs."),
    }
    return {
        "BatchRequest": {
            "type": "object",
            "description": "Several captures; `options` are shared by the requests that do not set them.",
            "required": ["requests"],
            "properties": {
                "requests": some(ref("CaptureOptions"), minItems=1),
                "options": ref("CaptureOptions"),
            },
            "additionalProperties": False,
        },
        "UploadForm": record(
            {
                "files": some(
                    text(format="binary"),
                    "The page and its files, or one zip archive; names may have folders.",
                ),
                "options": text(
                    "The options of the capture as a JSON object.", contentMediaType="application/json"
                ),
            },
            "files",
            "A page with its files. An option may also be a field of its own.",
        ),
        "SignRequest": {
            "type": "object",
            "description": "The options that a signed link may set, and when it expires.",
            "properties": {n: s for n, s in properties.items() if n in linkable} | signing,
            "additionalProperties": False,
        },
    }
