"""Every error that Stillframe reports to a caller, as one tree.

    CaptureError
    ├── RequestError              the request itself is at fault; a retry fails again
    │   ├── RequestNotValid           400 request_not_valid
    │   ├── AuthRequired              401 auth_required
    │   ├── TokenInvalid              403 token_invalid
    │   ├── SignatureInvalid          403 signature_invalid
    │   ├── SignatureExpired          403 signature_expired
    │   ├── DestinationBlocked        403 destination_blocked
    │   ├── NotFound                  404 not_found
    │   ├── MethodNotAllowed          405 method_not_allowed
    │   ├── BodyTooLarge              413 body_too_large
    │   └── ResultTooLarge            413 result_too_large
    ├── PageError                 the page loaded but cannot satisfy the request
    │   ├── SelectorNotFound          422 selector_not_found
    │   ├── InteractionFailed         422 interaction_failed
    │   ├── ScriptFailed              422 script_failed
    │   ├── HostReturnedError         422 host_returned_error
    │   ├── NotRenderable             422 not_renderable
    │   ├── AssertionFailed           422 assertion_failed
    │   └── CacheMiss                 422 cache_miss
    ├── LimitError                too many requests; a later retry may succeed
    │   ├── RateLimited               429 rate_limited
    │   ├── ConcurrencyLimit          429 concurrency_limit
    │   └── TargetBusy                429 target_busy
    ├── TargetUnreachable         the target returned no page
    │   ├── NameNotResolved           502 name_not_resolved
    │   ├── ConnectionRefused         502 connection_refused
    │   ├── SslError                  502 ssl_error
    │   ├── TooManyRedirects          502 too_many_redirects
    │   ├── EmptyResponse             502 empty_response
    │   └── NetworkError              502 network_error
    ├── DeadlineExceeded              504 deadline_exceeded
    └── ServiceError              a fault of the service
        ├── MemoryLimit               503 memory_limit
        ├── BrowserUnavailable        503 browser_unavailable
        ├── StorageUnavailable        503 storage_unavailable
        ├── NotConfigured             503 not_configured
        └── InternalError             500 internal_error

The message is public. What belongs in the log only (the original exception, a Playwright call log, a URL with
its query) is attached as `__cause__`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

DOCUMENTATION = "https://github.com/stillframe/stillframe/blob/main/docs/errors.md"


class CaptureError(Exception):
    """The base of all errors: a stable code, an HTTP status, and whether a retry may succeed."""

    code: ClassVar[str] = "internal_error"
    # Pixashot's word for the kind of error; the name of the class where Pixashot has none.
    error_type: ClassVar[str] = ""
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    meaning: ClassVar[str] = "An error of the service."

    def __init__(
        self, message: str, *, details: list[dict[str, Any]] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or []
        self.retry_after = retry_after
        self.target: dict[str, Any] = {}
        # The id under which the service logged the error, where a client raises it.
        self.request_id = ""
        self.timings: dict[str, float] = {}
        # The HTML file of `debug`.
        self.bundle: bytes | None = None

    @property
    def documentation_url(self) -> str:
        return f"{DOCUMENTATION}#{self.code}"


class RequestError(CaptureError):
    """The request itself is at fault."""

    status = 400


class RequestNotValid(RequestError):
    code, error_type = "request_not_valid", "ValidationError"
    meaning = (
        "A field is unknown, has the wrong type or range, or contradicts another; `error_details` names"
        " the field."
    )


class AuthRequired(RequestError):
    code, status, error_type = "auth_required", 401, "AuthenticationError"
    meaning = "The request carries neither a bearer token nor a signature."


class TokenInvalid(RequestError):
    code, status, error_type = "token_invalid", 403, "AuthenticationError"
    meaning = (
        "The bearer token is not one of the configured tokens, or the header is not exactly `Bearer <token>`."
    )


class SignatureInvalid(RequestError):
    code, status = "signature_invalid", 403
    meaning = "The signature does not match the link, or the link sets an option that links may not set."


class SignatureExpired(RequestError):
    code, status = "signature_expired", 403
    meaning = "The time in the link's `expires` has passed."


class DestinationBlocked(RequestError):
    code, status = "destination_blocked", 403
    meaning = (
        "The egress policy does not allow captures to reach this destination; operators allow one with"
        " EGRESS_ALLOW."
    )


class NotFound(RequestError):
    code, status = "not_found", 404
    meaning = "The route, job or stored file does not exist."


class MethodNotAllowed(RequestError):
    code, status = "method_not_allowed", 405
    meaning = "The route exists, but not for this HTTP method."


class BodyTooLarge(RequestError):
    code, status = "body_too_large", 413
    meaning = "The request body is larger than the limit."


class ResultTooLarge(RequestError):
    code, status = "result_too_large", 413
    meaning = (
        "The result exceeds the response limit of the door and no storage is configured, or it exceeds"
        " another size limit."
    )


class PageError(CaptureError):
    """The page loaded but cannot satisfy the request."""

    status = 422


class SelectorNotFound(PageError):
    code = "selector_not_found"
    meaning = "No element of the page matches `selector`, or the element has no size."


class InteractionFailed(PageError):
    code = "interaction_failed"
    meaning = "A step of `interactions` failed; the message names its index, action and selector."


class ScriptFailed(PageError):
    code = "script_failed"
    meaning = "`custom_js`, `init_js` or `wait_for_function` raised an error or is not JavaScript."


class HostReturnedError(PageError):
    code = "host_returned_error"
    meaning = "The HTTP status of the target is listed in `fail_on_status`."


class NotRenderable(PageError):
    code = "not_renderable"
    meaning = "The target is a download, or the page has no content that can be captured."


class AssertionFailed(PageError):
    code = "assertion_failed"
    meaning = "One of the assertions of the request (`fail_if_…`, `fail_on…`) does not hold."


class CacheMiss(PageError):
    code = "cache_miss"
    meaning = "The request sets `cache_mode: only` and the cache holds no result for it."


class LimitError(CaptureError):
    """Too many requests; `Retry-After` gives the seconds to wait."""

    status, retryable = 429, True


class RateLimited(LimitError):
    code, error_type = "rate_limited", "RateLimitError"
    # The `X-RateLimit-*` headers of the response.
    rate_limit_status: dict[str, str] | None = None
    meaning = "The token bucket of this caller is empty."


class ConcurrencyLimit(LimitError):
    code = "concurrency_limit"
    meaning = "Every capture slot is busy and the queue is full."


class TargetBusy(LimitError):
    code = "target_busy"
    meaning = (
        "MAX_PER_SITE captures of the target's registrable domain run already; only queued captures, drops"
        " and bulk runs are limited, and they come back by themselves."
    )


class TargetUnreachable(CaptureError):
    """The target returned no page."""

    status, retryable = 502, True


class NameNotResolved(TargetUnreachable):
    code = "name_not_resolved"
    meaning = "The host name of the target has no address."


class ConnectionRefused(TargetUnreachable):
    code = "connection_refused"
    meaning = "No server accepts connections at the address and port of the target."


class SslError(TargetUnreachable):
    code, retryable = "ssl_error", False
    meaning = "The certificate or TLS handshake of the target is not acceptable; see `ignore_https_errors`."


class TooManyRedirects(TargetUnreachable):
    code, retryable = "too_many_redirects", False
    meaning = "The target redirects in a loop."


class EmptyResponse(TargetUnreachable):
    code = "empty_response"
    meaning = "The target closed the connection without a response."


class NetworkError(TargetUnreachable):
    code = "network_error"
    meaning = "The connection to the target failed for another reason."


class DeadlineExceeded(CaptureError):
    code, status, retryable = "deadline_exceeded", 504, True
    meaning = "The capture did not finish before its deadline; the message names the phase."

    def __init__(self, phase: str, message: str | None = None) -> None:
        super().__init__(
            message or f"The deadline was exceeded in phase '{phase}'.", details=[{"phase": phase}]
        )
        self.phase = phase


class ServiceError(CaptureError):
    """A fault of the service."""

    status, retryable = 503, True


class MemoryLimit(ServiceError):
    code, retryable = "memory_limit", False
    meaning = "The page used more memory than a capture may use; the browser was killed and replaced."


class BrowserUnavailable(ServiceError):
    code = "browser_unavailable"
    meaning = "The browser could not be started, or its process ended twice during the capture."


class StorageUnavailable(ServiceError):
    code = "storage_unavailable"
    meaning = "The storage did not accept or return the result."


class NotConfigured(ServiceError):
    code, retryable = "not_configured", False
    meaning = "The service has neither a token nor a signing key, or the requested feature is not configured."


class InternalError(ServiceError):
    code, status, retryable = "internal_error", 500, True
    meaning = "A fault of the service; the log holds the cause under the request id."


def leaves(root: type[CaptureError] = CaptureError) -> Iterator[type[CaptureError]]:
    """Every concrete error class, in the order of the tree."""
    for child in root.__subclasses__():
        if "code" in vars(child):
            yield child
        yield from leaves(child)
