"""What to do about an error of a capture, in the words of the command line."""

from __future__ import annotations

from typing import Any

from ..errors import CaptureError, DestinationBlocked, RequestNotValid

_HINTS = {
    "name_not_resolved": "Check the spelling of the host, and that this machine has a network.",
    "connection_refused": "Start the server, or check the port.",
    "ssl_error": "--ignore-https-errors accepts any certificate.",
    "deadline_exceeded": "Give it more time with --timeout, or a lighter condition with --wait-until.",
    "selector_not_found": "Check the selector, or wait for the element with --wait-for-selector.",
    "browser_unavailable": "`stillframe doctor` looks for the reason.",
    "internal_error": "Run it again with LOG_LEVEL=ERROR, and report what it says.",
    "memory_limit": "Give the browser more with MEMORY_LIMIT_MB.",
    "auth_required": "Give the token with --token or STILLFRAME_TOKEN.",
    "token_invalid": "Check --token or STILLFRAME_TOKEN.",
    "service_unreachable": "Check --endpoint, and that this machine has a network.",
    "unexpected_answer": "Check that --endpoint is the address of a Stillframe service.",
    "not_found": "Check that --endpoint is the address of a Stillframe service.",
    "rate_limited": "Wait, or ask the operator for a higher rate.",
    "concurrency_limit": "Try again later.",
}
# Where a deployed service answers, its operator decides.
_OF_SERVICE = {
    "destination_blocked": "The operator of the service allows one with the setting EGRESS_ALLOW.",
    "browser_unavailable": "Try again later, or tell the operator.",
    "memory_limit": "The operator of the service decides with MEMORY_LIMIT_MB.",
    "internal_error": "Tell the operator of the service.",
    "body_too_large": "Serve the page over HTTP, or send fewer files.",
    "not_configured": "The operator of the service has to configure it.",
}
_REASONS = {
    "address_not_public": "Or give --allow {host}.",
    "port_not_allowed": "Or give --allow {host}.",
}


def told(error: CaptureError, *, remote: bool = False) -> str:
    """Code, message and hint in one line; `remote` tells whether a service answered."""
    if isinstance(error, RequestNotValid):
        return f"{error.code}: {as_flags(error)}"
    hint = _HINTS.get(error.code, "")
    if remote and error.code in _OF_SERVICE:
        hint = _OF_SERVICE[error.code]
    if isinstance(error, DestinationBlocked) and not any("reason" in d for d in error.details):
        hint = ""  # the browser's own refusal, which no setting changes
    elif isinstance(error, DestinationBlocked):
        # The message names the operator's settings.
        detail: dict[str, Any] = next((d for d in error.details if "reason" in d), {})
        known = {} if remote else _REASONS
        hint = known.get(str(detail.get("reason")), "").format(host=detail.get("host", "HOST:PORT"))
    return " ".join(filter(None, (f"{error.code}: {error.message.rstrip('.')}.", hint)))


def for_rows(code: str, *, remote: bool = False) -> str:
    """What to do about rows of a batch that failed with this code; empty when nothing is known."""
    if remote and code in _OF_SERVICE:
        return _OF_SERVICE[code]
    if code == DestinationBlocked.code:
        return "Allow an internal host with --allow HOST:PORT, or with the setting EGRESS_ALLOW."
    return _HINTS.get(code, "")


def as_flags(error: RequestNotValid) -> str:
    """The message of a request that is not valid, with its options as they are written in a shell."""
    from ..request import CaptureRequest

    words = []
    for detail in error.details:
        field, message = str(detail.get("field", "")), str(detail.get("message", error.message))
        name, _, inner = field.replace("[", ".", 1).partition(".")
        flag = "SOURCE" if name == "url" else f"--{name.replace('_', '-')}"
        if name in CaptureRequest.model_fields and message.startswith(f"{field}: "):
            inside = "" if inner.rstrip("]").isdigit() else inner
            message = ": ".join(filter(None, (flag, inside, message.removeprefix(f"{field}: "))))
            if message.endswith("not valid JSON."):
                message = f"{message.rstrip('.')}; write a JSON object{_members(name)}"
        message = message.replace("see /devices", "see `stillframe devices`")
        if detail.get("type") in ("model_type", "dict_type"):
            message = f"{flag}: must be a JSON object{_members(name)}"
        words.append(message)
    return "; ".join(words[:5]) or error.message


def _members(name: str) -> str:
    """The members of an option's object; for one with any members, an example."""
    from typing import get_args

    from pydantic import BaseModel

    from ..request import CaptureRequest

    annotation = CaptureRequest.model_fields[name].annotation if name in CaptureRequest.model_fields else None
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return f" of {', '.join(part.model_fields)}"
    return ' such as {"name": "value"}'


def choices(annotation: Any) -> list[str]:
    """The texts that a type accepts, if it lists them; those of a list's items too."""
    from typing import Literal, get_args, get_origin

    if get_origin(annotation) is Literal:
        return [value for value in get_args(annotation) if isinstance(value, str)]
    return [choice for part in get_args(annotation) for choice in choices(part)]
