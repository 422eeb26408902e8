"""API Gateway (REST and HTTP API), function URL and load balancer: the HTTP application behind Mangum."""

from __future__ import annotations

from typing import Any

from stillframe.browser.runtime import runtime

# Chromium and its driver start while Python imports the other modules.
runtime.warm()

from mangum import Mangum

from stillframe import aws
from stillframe.api.app import create_app, renew_access
from stillframe.doors import HTTP_API
from stillframe.settings import settings

aws.start()
# The browser outlives every request, so the ASGI lifespan, which would close it, is off.
_app = create_app(HTTP_API)
_adapter = Mangum(_app, lifespan="off")


@aws.invocation
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One HTTP request."""
    if aws.renew_secrets():
        renew_access(_app, settings())
    return dict(_adapter(event, context))
