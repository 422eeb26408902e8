"""One HTTP request apart from its content: the door, the caller's address, the time left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import Request

from .. import doors
from ..doors import Door
from ..keys import new_request_id


@dataclass(frozen=True, eq=False)
class Invocation:
    """Made once per request by `RequestIdMiddleware`; the routes read it with `invocation_of`."""

    request: Request
    request_id: str
    door: Door
    client_address: str

    @classmethod
    def start(cls, request: Request) -> Invocation:
        """Assign the request id, and identify the door and the client."""
        address = request.client.host if request.client else "unknown"
        return cls(request, new_request_id(), _door(request), address)

    @cached_property
    def base_url(self) -> str:
        """The service's own address as the caller sees it, without a trailing slash."""
        return str(self.request.app.state.config.public_url or self.request.base_url).rstrip("/")

    @property
    def seconds_left(self) -> float | None:
        """Seconds left of the Lambda invocation; None on a server, whose requests have no such limit."""
        context = self.request.scope.get("aws.context")
        if context is None:
            return None
        # Powertools is installed on Lambda only.
        from ..aws import seconds_left

        return seconds_left(context)


def invocation_of(request: Request) -> Invocation:
    """The invocation of a request inside the application."""
    invocation: Invocation = request.state.invocation
    return invocation


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
