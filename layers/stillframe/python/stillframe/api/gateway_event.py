"""What an event of API Gateway or a function URL says of the request's address and of its age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

# An event that is older than this is no request that still waits, but a saved event that is sent again.
_MAX_AGE_SECONDS = 60.0


def split_path(event: Mapping[str, Any]) -> tuple[str, str]:
    """The part of the public path before the service's own path, and that path: `/live`, `/capture`.

    The stage and the base path of a custom domain precede the path, and each API reports them differently
    (https://github.com/localstack/localstack/issues/12295). What the route `/{proxy+}` matched is the same
    everywhere: the service's own path.
    """
    context = event.get("requestContext") or {}
    path = str(event.get("rawPath") or event.get("path") or "/")
    # A REST API without a custom domain leaves the stage out of `path`.
    full = unquote(path if "rawPath" in event else str(context.get("path") or path))
    own = _own_path(event, context, unquote(path))
    prefix = full if own == "/" else full.removesuffix(own) if full.endswith(own) else ""
    return prefix.rstrip("/"), own


def _own_path(event: Mapping[str, Any], context: Mapping[str, Any], path: str) -> str:
    route = str(event.get("resource") or event.get("routeKey") or "").rpartition(" ")[2]
    proxy = (event.get("pathParameters") or {}).get("proxy")
    if route == "/{proxy+}" and proxy:
        own = "/" + unquote(str(proxy)).lstrip("/")
        return own if path.endswith(own) else path
    if route == "/":
        return "/"
    # The route `$default` has no parameter; the stage is all that can be known to precede the path.
    stage = f"/{context.get('stage')}"
    return path.removeprefix(stage) or "/" if path == stage or path.startswith(f"{stage}/") else path


def age_seconds(event: Mapping[str, Any], now: float) -> float:
    """How long ago the gateway received the request; 0 where the event does not say or is a saved one.

    A cold start lies between the two, and API Gateway's timeout counts it.
    """
    context = event.get("requestContext") or {}
    received = context.get("timeEpoch") or context.get("requestTimeEpoch")
    if not isinstance(received, int | float):
        return 0.0
    age = now - received / 1000
    return age if 0 < age <= _MAX_AGE_SECONDS else 0.0
