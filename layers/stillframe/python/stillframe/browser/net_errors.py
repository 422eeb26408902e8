"""The error of the service for each of Chromium's network errors (net/base/net_error_list.h)."""

from __future__ import annotations

import re

from ..errors import (
    BrowserUnavailable,
    CaptureError,
    ConnectionRefused,
    DeadlineExceeded,
    DestinationBlocked,
    EmptyResponse,
    NameNotResolved,
    NetworkError,
    NotRenderable,
    SslError,
    TooManyRedirects,
)

Rule = tuple[type[CaptureError], str]

_NO_ADDRESS: Rule = (NameNotResolved, "The target's host name has no address.")
_CLOSED: Rule = (EmptyResponse, "The target closed the connection without a response.")
_OTHER_SCHEME: Rule = (DestinationBlocked, "The target leads to an address that is not http or https.")
_NOT_HTTP: Rule = (NetworkError, "The target's response is not HTTP.")
_CUT: Rule = (NetworkError, "The connection to the target was closed in the middle of its response.")
_ENCODING: Rule = (NetworkError, "The target's response does not match its Content-Encoding.")
_TWO_VALUES: Rule = (NetworkError, "The target's response has a header twice with values that differ.")
_HTTP2: Rule = (NetworkError, "The target broke the rules of HTTP/2.")

NET_ERRORS: dict[str, Rule] = {
    "ERR_NAME_NOT_RESOLVED": _NO_ADDRESS,
    "ERR_NAME_RESOLUTION_FAILED": (NameNotResolved, "The target's host name could not be resolved."),
    "ERR_ICANN_NAME_COLLISION": _NO_ADDRESS,
    "ERR_CONNECTION_REFUSED": (ConnectionRefused, "Nothing listens at the target's address and port."),
    "ERR_ADDRESS_UNREACHABLE": (NetworkError, "The target's address cannot be reached."),
    "ERR_CONNECTION_CLOSED": _CLOSED,
    "ERR_EMPTY_RESPONSE": _CLOSED,
    "ERR_CONNECTION_RESET": (NetworkError, "The connection to the target was reset."),
    "ERR_CONNECTION_ABORTED": (NetworkError, "The connection to the target was aborted."),
    "ERR_RESPONSE_HEADERS_TRUNCATED": _CUT,
    "ERR_CONTENT_LENGTH_MISMATCH": _CUT,
    "ERR_INCOMPLETE_CHUNKED_ENCODING": _CUT,
    "ERR_INVALID_CHUNKED_ENCODING": (NetworkError, "The target's response is not valid chunked encoding."),
    "ERR_CONTENT_DECODING_FAILED": _ENCODING,
    "ERR_CONTENT_DECODING_INIT_FAILED": _ENCODING,
    "ERR_RESPONSE_HEADERS_TOO_BIG": (
        NetworkError,
        "The header of the target's response is over the browser's limit of 256 KB.",
    ),
    "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH": _TWO_VALUES,
    "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION": _TWO_VALUES,
    "ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION": _TWO_VALUES,
    "ERR_HTTP2_PROTOCOL_ERROR": _HTTP2,
    "ERR_HTTP2_COMPRESSION_ERROR": _HTTP2,
    "ERR_HTTP2_FLOW_CONTROL_ERROR": _HTTP2,
    "ERR_HTTP2_FRAME_SIZE_ERROR": _HTTP2,
    "ERR_HTTP2_SERVER_REFUSED_STREAM": (NetworkError, "The target refused the request."),
    "ERR_TOO_MANY_REDIRECTS": (TooManyRedirects, "The target redirects in a loop, or more than 20 times."),
    "ERR_INVALID_REDIRECT": (NetworkError, "The target redirects to an address that is not valid."),
    "ERR_UNSAFE_REDIRECT": (
        DestinationBlocked,
        "The target redirects to an address that is not http or https.",
    ),
    "ERR_UNSAFE_PORT": (DestinationBlocked, "Browsers do not connect to this port."),
    "ERR_UNKNOWN_URL_SCHEME": _OTHER_SCHEME,
    "ERR_DISALLOWED_URL_SCHEME": _OTHER_SCHEME,
    "ERR_BLOCKED_BY_CLIENT": (NotRenderable, "The request's own rules block the page itself."),
    "ERR_BLOCKED_BY_RESPONSE": (NotRenderable, "The headers of the target's response forbid to display it."),
    "ERR_ABORTED": (
        NotRenderable,
        "The target sent nothing to display: a download, or a response without content.",
    ),
    "ERR_INVALID_RESPONSE": _NOT_HTTP,
    "ERR_INVALID_HTTP_RESPONSE": _NOT_HTTP,
    "ERR_HTTP_RESPONSE_CODE_FAILURE": (EmptyResponse, "The target answered with an error and no page."),
    "ERR_TIMED_OUT": (DeadlineExceeded, "The target did not answer in time."),
    "ERR_CONNECTION_TIMED_OUT": (DeadlineExceeded, "The target did not accept the connection in time."),
    "ERR_INSUFFICIENT_RESOURCES": (BrowserUnavailable, "The browser ran out of disk or memory."),
    "ERR_OUT_OF_MEMORY": (BrowserUnavailable, "The browser ran out of memory."),
    "ERR_INVALID_AUTH_CREDENTIALS": (NetworkError, "The target did not accept the credentials."),
    "ERR_TUNNEL_CONNECTION_FAILED": (NetworkError, "The connection to the target could not be opened."),
    "ERR_PROXY_CONNECTION_FAILED": (BrowserUnavailable, "The egress guard did not answer."),
    "ERR_CERT_COMMON_NAME_INVALID": (SslError, "The target's certificate is for another host name."),
    "ERR_CERT_DATE_INVALID": (SslError, "The target's certificate has expired or is not valid yet."),
    "ERR_CERT_AUTHORITY_INVALID": (SslError, "The target's certificate is not signed by a known authority."),
    "ERR_CERT_REVOKED": (SslError, "The target's certificate is revoked."),
    "ERR_SSL_PROTOCOL_ERROR": (
        SslError,
        "The target does not speak TLS at this port, or its handshake failed.",
    ),
    "ERR_SSL_VERSION_OR_CIPHER_MISMATCH": (
        SslError,
        "The target and the browser have no TLS version or cipher in common.",
    ),
    "ERR_BAD_SSL_CLIENT_AUTH_CERT": (SslError, "The target requires a client certificate."),
    "ERR_SSL_CLIENT_AUTH_CERT_NEEDED": (SslError, "The target requires a client certificate."),
}
_TLS = re.compile(r"^ERR_(SSL|CERT|BAD_SSL|QUIC|TLS|ECH)")


def net_error(name: str) -> CaptureError:
    """The error for one of Chromium's names such as ERR_FAILED; every name has one."""
    words = name.removeprefix("ERR_").replace("_", " ").lower()
    kind, message = NET_ERRORS.get(name) or (
        (SslError, f"The target's certificate or TLS handshake failed: {words}.")
        if _TLS.match(name)
        else (NetworkError, f"The connection to the target failed: {words}.")
    )
    if kind is DeadlineExceeded:
        return DeadlineExceeded("load", message)
    return kind(message, details=[{"reason": words}])
