"""What a request says about the door it came through: limits, time left, our own address."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from .. import doors
from ..doors import Door


def door_of(request: Request) -> Door:
    """The door by the Lambda event that Mangum keeps in the scope; the application's own otherwise."""
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


def seconds_left(request: Request) -> float | None:
    """Seconds of the invocation that are left; None on a server that has no end."""
    context = request.scope.get("aws.context")
    if context is None:
        return None
    from ..aws import seconds_left as left

    return left(context)


def base_url(request: Request) -> str:
    """Our address as the caller sees it."""
    config = request.app.state.config
    if config.public_url:
        return str(config.public_url).rstrip("/")
    return str(request.base_url).rstrip("/")
