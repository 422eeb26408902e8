"""The entry points of the service and their limits, so that one pipeline serves them all."""

from __future__ import annotations

from dataclasses import dataclass

# Lambda's response limit is 6,291,556 bytes; a binary body travels as base64 (4/3) inside a JSON envelope.
LAMBDA_RESPONSE_BYTES = 6_291_556
_ENVELOPE = 16_384
LAMBDA_INLINE_BYTES = (LAMBDA_RESPONSE_BYTES - _ENVELOPE) * 3 // 4


@dataclass(frozen=True, slots=True)
class Door:
    """An entry point of the service, with the limits of its answers.

    `max_inline_bytes` counts raw bytes, before base64; `jobs` tells whether callers may submit jobs there.
    """

    name: str
    max_inline_bytes: int | None = None
    max_seconds: float | None = None
    jobs: bool = True
    # Whether every answer is JSON, whatever `response_type` says.
    as_json: bool = False
    # Whether a debug bundle is stored with the answer; the other doors put it beside the result themselves.
    stores_bundle: bool = True


# API Gateway times out an HTTP API request after 30 s and a REST request after 29 s; two seconds are reserved
# for the response. `api/invocation.py` counts from when the gateway received the request.
HTTP_API = Door("http_api", LAMBDA_INLINE_BYTES, 27.0)
FUNCTION_URL = Door("function_url", LAMBDA_INLINE_BYTES, 870.0)
DIRECT = Door("direct_invoke", LAMBDA_INLINE_BYTES, 870.0, as_json=True)
QUEUE = Door("queue", 0, 870.0, jobs=False)
S3_EVENT = Door("s3_event", 0, 870.0, jobs=False)
LOCAL = Door("local")
CLI = Door("cli", jobs=False, stores_bundle=False)
MCP = Door("mcp", jobs=False, stores_bundle=False)
# An Application Load Balancer takes one megabyte from a function, base64 included.
ALB = Door("alb", (1_000_000 - _ENVELOPE) * 3 // 4, 870.0)
