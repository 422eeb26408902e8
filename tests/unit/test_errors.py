"""The tree of errors, its documentation, and the border where foreign errors become ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stillframe import errors
from stillframe.browser.error_mapping import translate
from stillframe.browser.net_errors import NET_ERRORS, net_error
from stillframe.error_body import error_body
from stillframe.errors import (
    BrowserUnavailable,
    CaptureError,
    DeadlineExceeded,
    InternalError,
    NameNotResolved,
    NetworkError,
    NotRenderable,
    SslError,
    leaves,
)

CONTRACT = {
    400: {"request_not_valid"},
    401: {"auth_required"},
    403: {"token_invalid", "signature_invalid", "signature_expired", "destination_blocked"},
    413: {"body_too_large", "result_too_large"},
    422: {
        "selector_not_found",
        "interaction_failed",
        "host_returned_error",
        "not_renderable",
        "assertion_failed",
    },
    429: {"rate_limited", "concurrency_limit", "target_busy"},
    502: {
        "name_not_resolved",
        "connection_refused",
        "ssl_error",
        "too_many_redirects",
        "empty_response",
        "network_error",
    },
    503: {"browser_unavailable", "storage_unavailable"},
    504: {"deadline_exceeded"},
    500: {"internal_error"},
}

# Chromium's network errors by the names that appear after `net::`.
NAMES = [
    f"ERR_{name}"
    for name in [
        "IO_PENDING",
        "FAILED",
        "ABORTED",
        "INVALID_ARGUMENT",
        "INVALID_HANDLE",
        "FILE_NOT_FOUND",
        "TIMED_OUT",
        "FILE_TOO_BIG",
        "UNEXPECTED",
        "ACCESS_DENIED",
        "NOT_IMPLEMENTED",
        "INSUFFICIENT_RESOURCES",
        "OUT_OF_MEMORY",
        "UPLOAD_FILE_CHANGED",
        "SOCKET_NOT_CONNECTED",
        "FILE_EXISTS",
        "FILE_PATH_TOO_LONG",
        "FILE_NO_SPACE",
        "FILE_VIRUS_INFECTED",
        "BLOCKED_BY_CLIENT",
        "NETWORK_CHANGED",
        "BLOCKED_BY_ADMINISTRATOR",
        "SOCKET_IS_CONNECTED",
        "UPLOAD_STREAM_REWIND_NOT_SUPPORTED",
        "CONTEXT_SHUT_DOWN",
        "BLOCKED_BY_RESPONSE",
        "CLEARTEXT_NOT_PERMITTED",
        "BLOCKED_BY_CSP",
        "H2_OR_QUIC_REQUIRED",
        "BLOCKED_BY_ORB",
        "BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS",
        "BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS",
        "BLOCKED_IN_INCOGNITO_BY_ADMINISTRATOR",
        "CONNECTION_CLOSED",
        "CONNECTION_RESET",
        "CONNECTION_REFUSED",
        "CONNECTION_ABORTED",
        "CONNECTION_FAILED",
        "NAME_NOT_RESOLVED",
        "INTERNET_DISCONNECTED",
        "SSL_PROTOCOL_ERROR",
        "ADDRESS_INVALID",
        "ADDRESS_UNREACHABLE",
        "SSL_CLIENT_AUTH_CERT_NEEDED",
        "TUNNEL_CONNECTION_FAILED",
        "SSL_VERSION_OR_CIPHER_MISMATCH",
        "SSL_RENEGOTIATION_REQUESTED",
        "PROXY_AUTH_UNSUPPORTED",
        "BAD_SSL_CLIENT_AUTH_CERT",
        "CONNECTION_TIMED_OUT",
        "HOST_RESOLVER_QUEUE_TOO_LARGE",
        "SOCKS_CONNECTION_FAILED",
        "SOCKS_CONNECTION_HOST_UNREACHABLE",
        "ALPN_NEGOTIATION_FAILED",
        "SSL_NO_RENEGOTIATION",
        "WINSOCK_UNEXPECTED_WRITTEN_BYTES",
        "SSL_DECOMPRESSION_FAILURE_ALERT",
        "SSL_BAD_RECORD_MAC_ALERT",
        "PROXY_AUTH_REQUESTED",
        "PROXY_CONNECTION_FAILED",
        "MANDATORY_PROXY_CONFIGURATION_FAILED",
        "PRECONNECT_MAX_SOCKET_LIMIT",
        "SSL_CLIENT_AUTH_PRIVATE_KEY_ACCESS_DENIED",
        "SSL_CLIENT_AUTH_CERT_NO_PRIVATE_KEY",
        "PROXY_CERTIFICATE_INVALID",
        "NAME_RESOLUTION_FAILED",
        "NETWORK_ACCESS_DENIED",
        "TEMPORARILY_THROTTLED",
        "HTTPS_PROXY_TUNNEL_RESPONSE_REDIRECT",
        "SSL_CLIENT_AUTH_SIGNATURE_FAILED",
        "MSG_TOO_BIG",
        "WS_PROTOCOL_ERROR",
        "ADDRESS_IN_USE",
        "SSL_HANDSHAKE_NOT_COMPLETED",
        "SSL_BAD_PEER_PUBLIC_KEY",
        "SSL_PINNED_KEY_NOT_IN_CERT_CHAIN",
        "CLIENT_AUTH_CERT_TYPE_UNSUPPORTED",
        "SSL_DECRYPT_ERROR_ALERT",
        "WS_THROTTLE_QUEUE_TOO_LARGE",
        "SSL_SERVER_CERT_CHANGED",
        "SSL_UNRECOGNIZED_NAME_ALERT",
        "SOCKET_SET_RECEIVE_BUFFER_SIZE_ERROR",
        "SOCKET_SET_SEND_BUFFER_SIZE_ERROR",
        "SOCKET_RECEIVE_BUFFER_SIZE_UNCHANGEABLE",
        "SOCKET_SEND_BUFFER_SIZE_UNCHANGEABLE",
        "SSL_CLIENT_AUTH_CERT_BAD_FORMAT",
        "ICANN_NAME_COLLISION",
        "SSL_SERVER_CERT_BAD_FORMAT",
        "CT_STH_PARSING_FAILED",
        "CT_STH_INCOMPLETE",
        "UNABLE_TO_REUSE_CONNECTION_FOR_PROXY_AUTH",
        "CT_CONSISTENCY_PROOF_PARSING_FAILED",
        "SSL_OBSOLETE_CIPHER",
        "WS_UPGRADE",
        "READ_IF_READY_NOT_IMPLEMENTED",
        "NO_BUFFER_SPACE",
        "SSL_CLIENT_AUTH_NO_COMMON_ALGORITHMS",
        "EARLY_DATA_REJECTED",
        "WRONG_VERSION_ON_EARLY_DATA",
        "TLS13_DOWNGRADE_DETECTED",
        "SSL_KEY_USAGE_INCOMPATIBLE",
        "INVALID_ECH_CONFIG_LIST",
        "ECH_NOT_NEGOTIATED",
        "ECH_FALLBACK_CERTIFICATE_INVALID",
        "PROXY_UNABLE_TO_CONNECT_TO_DESTINATION",
        "PROXY_DELEGATE_CANCELED_CONNECT_REQUEST",
        "PROXY_DELEGATE_CANCELED_CONNECT_RESPONSE",
        "CERT_COMMON_NAME_INVALID",
        "CERT_DATE_INVALID",
        "CERT_AUTHORITY_INVALID",
        "CERT_CONTAINS_ERRORS",
        "CERT_NO_REVOCATION_MECHANISM",
        "CERT_UNABLE_TO_CHECK_REVOCATION",
        "CERT_REVOKED",
        "CERT_INVALID",
        "CERT_WEAK_SIGNATURE_ALGORITHM",
        "CERT_NON_UNIQUE_NAME",
        "CERT_WEAK_KEY",
        "CERT_NAME_CONSTRAINT_VIOLATION",
        "CERT_VALIDITY_TOO_LONG",
        "CERTIFICATE_TRANSPARENCY_REQUIRED",
        "CERT_KNOWN_INTERCEPTION_BLOCKED",
        "CERT_SELF_SIGNED_LOCAL_NETWORK",
        "CERT_END",
        "INVALID_URL",
        "DISALLOWED_URL_SCHEME",
        "UNKNOWN_URL_SCHEME",
        "INVALID_REDIRECT",
        "TOO_MANY_REDIRECTS",
        "UNSAFE_REDIRECT",
        "UNSAFE_PORT",
        "INVALID_RESPONSE",
        "INVALID_CHUNKED_ENCODING",
        "METHOD_NOT_SUPPORTED",
        "UNEXPECTED_PROXY_AUTH",
        "EMPTY_RESPONSE",
        "RESPONSE_HEADERS_TOO_BIG",
        "PAC_SCRIPT_FAILED",
        "REQUEST_RANGE_NOT_SATISFIABLE",
        "MALFORMED_IDENTITY",
        "CONTENT_DECODING_FAILED",
        "NETWORK_IO_SUSPENDED",
        "SYN_REPLY_NOT_RECEIVED",
        "ENCODING_CONVERSION_FAILED",
        "UNRECOGNIZED_FTP_DIRECTORY_LISTING_FORMAT",
        "NO_SUPPORTED_PROXIES",
        "HTTP2_PROTOCOL_ERROR",
        "INVALID_AUTH_CREDENTIALS",
        "UNSUPPORTED_AUTH_SCHEME",
        "ENCODING_DETECTION_FAILED",
        "MISSING_AUTH_CREDENTIALS",
        "UNEXPECTED_SECURITY_LIBRARY_STATUS",
        "MISCONFIGURED_AUTH_ENVIRONMENT",
        "UNDOCUMENTED_SECURITY_LIBRARY_STATUS",
        "RESPONSE_BODY_TOO_BIG_TO_DRAIN",
        "RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH",
        "INCOMPLETE_HTTP2_HEADERS",
        "PAC_NOT_IN_DHCP",
        "RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION",
        "RESPONSE_HEADERS_MULTIPLE_LOCATION",
        "HTTP2_SERVER_REFUSED_STREAM",
        "HTTP2_PING_FAILED",
        "CONTENT_LENGTH_MISMATCH",
        "INCOMPLETE_CHUNKED_ENCODING",
        "QUIC_PROTOCOL_ERROR",
        "RESPONSE_HEADERS_TRUNCATED",
        "QUIC_HANDSHAKE_FAILED",
        "HTTP2_INADEQUATE_TRANSPORT_SECURITY",
        "HTTP2_FLOW_CONTROL_ERROR",
        "HTTP2_FRAME_SIZE_ERROR",
        "HTTP2_COMPRESSION_ERROR",
        "PROXY_AUTH_REQUESTED_WITH_NO_CONNECTION",
        "HTTP_1_1_REQUIRED",
        "PROXY_HTTP_1_1_REQUIRED",
        "PAC_SCRIPT_TERMINATED",
        "PROXY_REQUIRED",
        "INVALID_HTTP_RESPONSE",
        "CONTENT_DECODING_INIT_FAILED",
        "HTTP2_RST_STREAM_NO_ERROR_RECEIVED",
        "TOO_MANY_RETRIES",
        "HTTP2_STREAM_CLOSED",
        "HTTP_RESPONSE_CODE_FAILURE",
        "QUIC_CERT_ROOT_NOT_KNOWN",
        "QUIC_GOAWAY_REQUEST_CAN_BE_RETRIED",
        "TOO_MANY_ACCEPT_CH_RESTARTS",
        "INCONSISTENT_IP_ADDRESS_SPACE",
        "CACHED_IP_ADDRESS_SPACE_BLOCKED_BY_LOCAL_NETWORK_ACCESS_POLICY",
        "BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS",
        "ZSTD_WINDOW_SIZE_TOO_BIG",
        "DICTIONARY_LOAD_FAILED",
        "UNEXPECTED_CONTENT_DICTIONARY_HEADER",
        "CACHE_MISS",
        "CACHE_READ_FAILURE",
        "CACHE_WRITE_FAILURE",
        "CACHE_OPERATION_NOT_SUPPORTED",
        "CACHE_OPEN_FAILURE",
        "CACHE_CREATE_FAILURE",
        "CACHE_RACE",
        "CACHE_CHECKSUM_READ_FAILURE",
        "CACHE_CHECKSUM_MISMATCH",
        "CACHE_LOCK_TIMEOUT",
        "CACHE_AUTH_FAILURE_AFTER_READ",
        "CACHE_ENTRY_NOT_SUITABLE",
        "CACHE_DOOM_FAILURE",
        "CACHE_OPEN_OR_CREATE_FAILURE",
        "INSECURE_RESPONSE",
        "NO_PRIVATE_KEY_FOR_CERT",
        "ADD_USER_CERT_FAILED",
        "INVALID_SIGNED_EXCHANGE",
        "INVALID_WEB_BUNDLE",
        "TRUST_TOKEN_OPERATION_FAILED",
        "TRUST_TOKEN_OPERATION_SUCCESS_WITHOUT_SENDING_REQUEST",
        "PKCS12_IMPORT_BAD_PASSWORD",
        "PKCS12_IMPORT_FAILED",
        "IMPORT_CA_CERT_NOT_CA",
        "IMPORT_CERT_ALREADY_EXISTS",
        "IMPORT_CA_CERT_FAILED",
        "IMPORT_SERVER_CERT_FAILED",
        "PKCS12_IMPORT_INVALID_MAC",
        "PKCS12_IMPORT_INVALID_FILE",
        "PKCS12_IMPORT_UNSUPPORTED",
        "KEY_GENERATION_FAILED",
        "PRIVATE_KEY_EXPORT_FAILED",
        "SELF_SIGNED_CERT_GENERATION_FAILED",
        "CERT_DATABASE_CHANGED",
        "CERT_VERIFIER_CHANGED",
        "DNS_MALFORMED_RESPONSE",
        "DNS_SERVER_REQUIRES_TCP",
        "DNS_SERVER_FAILED",
        "DNS_TIMED_OUT",
        "DNS_CACHE_MISS",
        "DNS_SEARCH_EMPTY",
        "DNS_SORT_ERROR",
        "DNS_SECURE_RESOLVER_HOSTNAME_RESOLUTION_FAILED",
        "DNS_NAME_HTTPS_ONLY",
        "DNS_REQUEST_CANCELLED",
        "DNS_NO_MATCHING_SUPPORTED_ALPN",
        "DNS_SECURE_PROBE_RECORD_INVALID",
        "SOMETHING_OF_NEXT_YEAR",
    ]
]


@pytest.mark.parametrize("name", NAMES)
def test_every_network_error_of_chromium_has_an_error(name: str) -> None:
    ours = net_error(name)
    assert ours.status in (403, 422, 502, 503, 504)
    assert ours.message.endswith(".")
    if name.startswith(("ERR_SSL_", "ERR_CERT_")):
        assert ours.code == "ssl_error"


def test_only_real_names_are_mapped() -> None:
    assert set(NET_ERRORS) <= set(NAMES)


def test_the_codes_are_those_of_the_contract() -> None:
    ours: dict[int, set[str]] = {}
    for error in leaves():
        ours.setdefault(error.status, set()).add(error.code)
    for status, codes in CONTRACT.items():
        assert codes <= ours[status], status


def test_every_code_is_said_once() -> None:
    codes = [e.code for e in leaves()]
    assert len(codes) == len(set(codes))


# What Pixashot's documentation calls these errors; others have the name of their class.
PIXASHOTS = {
    "request_not_valid": "ValidationError",
    "auth_required": "AuthenticationError",
    "token_invalid": "AuthenticationError",
    "rate_limited": "RateLimitError",
}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"(\w+)\s+(\d{3}) (\w+)", errors.__doc__ or "")
    assert {(n, int(s), c) for n, s, c in drawn} == {(e.__name__, e.status, e.code) for e in leaves()}


def test_every_error_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8")
    for error in leaves():
        assert f"## {error.code}\n" in page
        assert error.meaning in page


@pytest.mark.parametrize("error", list(leaves()), ids=[e.code for e in leaves()])
def test_an_error_body_has_every_field_of_the_contract(error: type[CaptureError]) -> None:
    body = error_body(error("load" if error is DeadlineExceeded else "A sentence."), "id-1")
    assert set(body) == {
        "status",
        "message",
        "error_type",
        "error_details",
        "timestamp",
        "code",
        "retryable",
        "request_id",
        "documentation_url",
        "target",
    }
    assert (body["status"], body["code"], body["error_type"], body["request_id"]) == (
        "error",
        error.code,
        PIXASHOTS.get(error.code, error.__name__),
        "id-1",
    )
    assert set(body["target"]) == {"url", "final_url", "status"}


def playwright_error(message: str, name: str = "Error") -> Exception:
    from playwright import async_api

    error: Exception = getattr(async_api, name)(message)
    return error


FOREIGN = [
    (playwright_error("Page.goto: net::ERR_NAME_NOT_RESOLVED at http://x/"), NameNotResolved),
    (playwright_error("Page.goto: net::ERR_CERT_DATE_INVALID at https://x/"), SslError),
    (playwright_error("net::ERR_CONNECTION_RESET"), NetworkError),
    (playwright_error("Timeout 8000ms exceeded", "TimeoutError"), DeadlineExceeded),
    (TimeoutError(), DeadlineExceeded),
    (playwright_error("Page.goto: Download is starting"), NotRenderable),
    (playwright_error("Target page, context or browser has been closed"), BrowserUnavailable),
    (playwright_error("Page crashed"), BrowserUnavailable),
    (BrokenPipeError(), BrowserUnavailable),
    (Exception("Connection closed while reading from the driver"), BrowserUnavailable),
    (playwright_error("Execution context was destroyed, most likely because of a navigation"), NotRenderable),
    (
        playwright_error("Protocol error (Page.captureScreenshot): Unable to capture screenshot"),
        NotRenderable,
    ),
    (KeyError("a secret"), InternalError),
    (ValueError("another secret"), InternalError),
]


@pytest.mark.parametrize(
    ("foreign", "kind"), FOREIGN, ids=[str(f)[:40] or type(f).__name__ for f, _ in FOREIGN]
)
def test_a_foreign_error_becomes_one_of_ours(foreign: Exception, kind: type[CaptureError]) -> None:
    ours = translate(foreign, "shoot")
    assert type(ours) is kind
    assert ours.__cause__ is foreign
    # The foreign error's text may contain URLs and call logs, so it stays in the log.
    assert not str(foreign) or str(foreign) not in ours.message


def test_ours_passes_the_border_unchanged() -> None:
    ours = NotRenderable("A sentence.")
    assert translate(ours, "load") is ours


def test_a_deadline_names_its_phase() -> None:
    error = translate(TimeoutError(), "settle")
    assert "settle" in error.message
    assert error.details == [{"phase": "settle"}]
