"""One HTTP request apart from its content: the door, the caller's address, the time left."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from fastapi import Request

from .. import doors
from ..doors import Door
from ..keys import new_request_id
from . import gateway_event


@dataclass(frozen=True, eq=False)
class Invocation:
    """Made once per request by `RequestIdMiddleware`; the routes read it with `invocation_of`."""

    request: Request
    request_id: str
    door: Door
    client_address: str

    @classmethod
    def start(cls, request: Request) -> Invocation:
        """Assign the request id, and identify the door, the client and the service's own path."""
        event = request.scope.get("aws.event")
        if event is not None and "elb" not in (event.get("requestContext") or {}):
            # Stage and base path precede it in the events of some APIs, and no route has them.
            request.scope["path"] = gateway_event.split_path(event)[1]
        address = request.client.host if request.client else "unknown"
        return cls(request, new_request_id(), _door(request), address)

    @cached_property
    def base_url(self) -> str:
        """The service's own address, without a trailing slash; empty where it is not known.

        PUBLIC_URL comes first, then the domain that API Gateway names in the event, then the address that
        a local server listens on. Links go into webhooks and other callers' answers, so the `Host` header,
        which the caller writes, counts only where ALLOWED_HOSTS names it.
        """
        config, scope = self.request.app.state.config, self.request.scope
        if config.public_url:
            return str(config.public_url).rstrip("/")
        host = self.request.headers.get("host", "")
        if host and host in [name.strip() for name in config.allowed_hosts.split(",")]:
            return f"{scope['scheme']}://{host}{scope.get('root_path', '')}".rstrip("/")
        event = scope.get("aws.event")
        if event is not None:
            return _event_url(event)
        name, port = scope.get("server") or ("127.0.0.1", None)
        name = f"[{name}]" if ":" in name else name
        default = {"http": 80, "https": 443}.get(scope["scheme"])
        return f"{scope['scheme']}://{name}" + ("" if port in (None, default) else f":{port}")

    @property
    def seconds_left(self) -> float | None:
        """Seconds until Lambda or the gateway stops waiting; None on a server, which has no such limit."""
        context = self.request.scope.get("aws.context")
        if context is None:
            return None
        # Powertools is installed on Lambda only.
        from ..aws import seconds_left

        left = seconds_left(context)
        if self.door.max_seconds is None:
            return left
        age = gateway_event.age_seconds(self.request.scope.get("aws.event") or {}, time.time())
        gateway = max(0.0, self.door.max_seconds - age)
        return gateway if left is None else min(left, gateway)


def invocation_of(request: Request) -> Invocation:
    """The invocation of a request inside the application."""
    invocation: Invocation = request.state.invocation
    return invocation


def _event_url(event: dict[str, Any]) -> str:
    """The address of the API in an event of API Gateway or a function URL; empty for a load balancer's."""
    context = event.get("requestContext") or {}
    domain = context.get("domainName")
    if not domain:
        return ""
    prefix, _ = gateway_event.split_path(event)
    return f"https://{domain}{quote(prefix)}"


def _door(request: Request) -> Door:
    """The door by the Lambda event that Mangum puts into the scope; else the door of the application."""
    event: dict[str, Any] | None = request.scope.get("aws.event")
    if event is None:
        door: Door = request.app.state.door
        return door
    context = event.get("requestContext") or {}
    if "elb" in context:
        return doors.ALB
    if ".lambda-url." in str(context.get("domainName", "")):
        return doors.FUNCTION_URL
    return doors.HTTP_API
