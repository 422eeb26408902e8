"""Maps every error of Playwright and Chromium to one of the service; a test proves that none is left out."""

from __future__ import annotations

import re

from ..errors import (
    BrowserUnavailable,
    CaptureError,
    ConnectionRefused,
    DeadlineExceeded,
    DestinationBlocked,
    EmptyResponse,
    InternalError,
    MemoryLimit,
    NameNotResolved,
    NetworkError,
    NotRenderable,
    RequestNotValid,
    SslError,
    TooManyRedirects,
)
from ..page.session import MemoryContended, PageCrashed, is_playwright, is_timeout
from ..steps.settle import TimeStoodStill

_NET = re.compile(r"net::(ERR_[A-Z0-9_]+)")

NET_ERRORS: dict[str, tuple[type[CaptureError], str]] = {
    "ERR_NAME_NOT_RESOLVED": (NameNotResolved, "The target's host name has no address."),
    "ERR_NAME_RESOLUTION_FAILED": (NameNotResolved, "The target's host name could not be resolved."),
    "ERR_ICANN_NAME_COLLISION": (NameNotResolved, "The target's host name has no address."),
    "ERR_CONNECTION_REFUSED": (ConnectionRefused, "Nothing listens at the target's address and port."),
    "ERR_ADDRESS_UNREACHABLE": (NetworkError, "The target's address cannot be reached."),
    "ERR_CONNECTION_CLOSED": (EmptyResponse, "The target closed the connection without a response."),
    "ERR_EMPTY_RESPONSE": (EmptyResponse, "The target closed the connection without a response."),
    "ERR_TOO_MANY_REDIRECTS": (TooManyRedirects, "The target redirects in a loop."),
    "ERR_UNSAFE_REDIRECT": (
        DestinationBlocked,
        "The target redirects to an address that is not http or https.",
    ),
    "ERR_UNSAFE_PORT": (DestinationBlocked, "Browsers do not connect to this port."),
    "ERR_UNKNOWN_URL_SCHEME": (
        DestinationBlocked,
        "The target leads to an address that is not http or https.",
    ),
    "ERR_DISALLOWED_URL_SCHEME": (
        DestinationBlocked,
        "The target leads to an address that is not http or https.",
    ),
    "ERR_BLOCKED_BY_CLIENT": (NotRenderable, "The request's own rules block the page itself."),
    "ERR_ABORTED": (
        NotRenderable,
        "The target sent nothing to display: a download, or a response without content.",
    ),
    "ERR_INVALID_RESPONSE": (NetworkError, "The target's answer is not HTTP."),
    "ERR_INVALID_HTTP_RESPONSE": (NetworkError, "The target's answer is not HTTP."),
    "ERR_HTTP_RESPONSE_CODE_FAILURE": (EmptyResponse, "The target answered with an error and no page."),
    "ERR_TIMED_OUT": (DeadlineExceeded, "The target did not answer in time."),
    "ERR_CONNECTION_TIMED_OUT": (DeadlineExceeded, "The target did not accept the connection in time."),
    "ERR_INSUFFICIENT_RESOURCES": (BrowserUnavailable, "The browser ran out of disk or memory."),
    "ERR_OUT_OF_MEMORY": (BrowserUnavailable, "The browser ran out of memory."),
    "ERR_INVALID_AUTH_CREDENTIALS": (NetworkError, "The target did not accept the credentials."),
    "ERR_TUNNEL_CONNECTION_FAILED": (NetworkError, "The connection to the target could not be opened."),
    "ERR_PROXY_CONNECTION_FAILED": (BrowserUnavailable, "The egress guard did not answer."),
}
_SSL = re.compile(r"^ERR_(SSL|CERT|BAD_SSL|QUIC|TLS|ECH)")
_DEAD = (
    "has been closed",
    "Target closed",
    "Connection closed",
    "browser has disconnected",
    "Browser closed",
    "crashed",
    "Target crashed",
    "driver",
    "pipe closed",
)


def net_error(name: str) -> CaptureError:
    """The error for one of Chromium's network error names; every name has one."""
    if name in NET_ERRORS:
        kind, message = NET_ERRORS[name]
        return DeadlineExceeded("load", message) if kind is DeadlineExceeded else kind(message)
    if _SSL.match(name):
        return SslError(f"The target's certificate or TLS handshake failed ({name}).")
    return NetworkError(f"The connection to the target failed ({name}).")


def translate(error: BaseException, phase: str) -> CaptureError:
    """Any exception as an error of the service; the original stays as its cause, for the log only."""
    if isinstance(error, CaptureError):
        return error
    text = str(error)
    if isinstance(error, PageCrashed):
        ours: CaptureError = NotRenderable(
            "The page crashed during the capture, probably because it ran out of memory."
        )
    elif isinstance(error, MemoryContended):
        ours = MemoryLimit("The pages captured at the same time used more memory than the browser may use.")
    elif found := _NET.search(text):
        ours = net_error(found[1])
    elif is_timeout(error) or isinstance(error, TimeStoodStill):
        ours = DeadlineExceeded(phase)
    elif "Cannot navigate to invalid URL" in text:
        # Chromium's own parser is the judge of a host; urllib's is laxer.
        ours = RequestNotValid("The address is not valid: its host.", details=[{"field": "url"}])
    elif "Download is starting" in text:
        ours = NotRenderable("The target is a download, not a page.")
    elif is_gone(error):
        ours = BrowserUnavailable("The browser was lost during the capture.", retry_after=1)
    elif is_playwright(error) and "Execution context was destroyed" in text:
        ours = NotRenderable("The page navigated away again and again while it was captured.")
    elif is_playwright(error):
        ours = NotRenderable(f"The browser could not do the step '{phase}' on this page.")
    else:
        ours = InternalError("An unexpected fault; the log has it under the request id.")
    ours.__cause__ = error if isinstance(error, Exception) else None
    return ours


def is_gone(error: BaseException) -> bool:
    """Whether the page, context, browser or driver was lost."""
    if isinstance(error, BrokenPipeError | ConnectionError):
        return True
    name = type(error).__name__
    text = str(error)
    return name == "TargetClosedError" or (
        (is_playwright(error) or type(error) is Exception) and any(word in text for word in _DEAD)
    )
