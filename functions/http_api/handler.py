"""API Gateway (REST and HTTP API), function URL and load balancer: the application through Mangum."""

from __future__ import annotations

from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the rest.
runtime.warm()

from mangum import Mangum

from stillframe import aws
from stillframe.api.app import create_app
from stillframe.doors import HTTP_API

aws.start()
# The browser outlives every request, so the application has no life span of its own here.
_adapter = Mangum(create_app(HTTP_API), lifespan="off")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One HTTP request."""
    return dict(_adapter(event, context))
