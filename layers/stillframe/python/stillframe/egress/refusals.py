"""Map the guard's outcomes to the errors of `stillframe.errors`."""

from __future__ import annotations

from ..errors import (
    CaptureError,
    ConnectionRefused,
    DeadlineExceeded,
    DestinationBlocked,
    EmptyResponse,
    NameNotResolved,
    NetworkError,
    SslError,
)
from .report import Outcome

_FAILURES: dict[str, tuple[type[CaptureError], str]] = {
    "name_not_resolved": (NameNotResolved, "The host name {host} has no address."),
    "connection_refused": (ConnectionRefused, "{host} refused the connection."),
    "empty_response": (EmptyResponse, "{host} closed the connection without a response."),
    "head_cut": (NetworkError, "{host} closed the connection in the middle of its response's header."),
    "head_too_large": (NetworkError, "The header of {host}'s response is over the limit of 256 KB."),
    "lengths_differ": (NetworkError, "The response of {host} has two Content-Length values that differ."),
    "not_http": (NetworkError, "The response of {host} is not HTTP."),
    "tls_not_http": (NetworkError, "{host} expects TLS at this port; use an https:// address."),
    "ssl_error": (SslError, "The TLS handshake with the upstream proxy failed."),
    "upstream_unreachable": (NetworkError, "The upstream proxy cannot be reached."),
    "upstream_refused": (NetworkError, "The upstream proxy refused the connection to {host}."),
}
_DENIALS = {
    "address_not_public": ": its address is not public. The operator allows it with EGRESS_ALLOW.",
    "port_not_allowed": " at this port. The operator allows it with EGRESS_ALLOW or EGRESS_PORTS.",
    "denied_by_operator": ": the setting EGRESS_DENY names it.",
    "protected_endpoint": ": it is an endpoint of the cloud that no setting opens.",
}


def as_error(outcome: Outcome, host: str) -> CaptureError | None:
    """The error for a destination that was denied or failed; None if it was reached."""
    if outcome.kind == "allowed":
        return None
    if outcome.reason == "authority_not_valid":
        return NameNotResolved(f"{host} is not a host name that DNS can carry.")
    if outcome.kind == "denied":
        return DestinationBlocked(
            f"The egress policy does not allow {host}{_DENIALS.get(outcome.reason, '.')}",
            details=[{"host": host, "reason": outcome.reason}],
        )
    if outcome.reason == "timeout":
        return DeadlineExceeded("connect", f"{host} did not accept the connection in time.")
    error, sentence = _FAILURES.get(outcome.reason, (NetworkError, "{host} could not be reached."))
    return error(sentence.format(host=host), details=[{"host": host, "reason": outcome.reason}])
