"""The FastAPI application: its routes, middleware and error handlers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import __version__, telemetry
from ..browser.runtime import runtime
from ..doors import LOCAL, Door
from ..settings import Settings, settings
from ..worker import local
from . import error_responses, openapi
from .auth import AccessPolicy
from .headers import SECURITY_HEADERS
from .invocation import Invocation
from .limits import Limiter
from .routes import agents, capture, compat, jobs, meta

log = logging.getLogger("stillframe")

ROUTERS = (capture.router, jobs.router, agents.router, meta.router, compat.router)


def create_app(door: Door = LOCAL, *, config: Settings | None = None, local: bool = False) -> FastAPI:
    """The HTTP service. Raises ValueError for settings that it cannot accept.

    Without a configured token, the service answers 503; with `local`, it serves loopback clients instead.
    """
    config = config or settings()
    app = FastAPI(
        title="Stillframe",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # Starlette would redirect to whatever Host the request names.
        redirect_slashes=False,
    )
    app.state.config = config
    app.state.door = door
    app.state.access, app.state.limiter = _guards(config, door, local)
    for router in ROUTERS:
        app.include_router(router)
    error_responses.install(app)
    openapi.install(app)

    app.add_middleware(RequestIdMiddleware)
    return app


def _guards(config: Settings, door: Door, local: bool) -> tuple[AccessPolicy, Limiter]:
    """Access and rates; a deployed function answers 503 with the reason where a server refuses to start."""
    try:
        access = AccessPolicy.from_settings(config, local=local)
        return access, Limiter(config, access.rates)
    except ValueError as error:
        if door is LOCAL:
            raise
        log.critical("the service refuses every request", extra={"reason": str(error)})
        return AccessPolicy.refusing(str(error)), Limiter(Settings())


def renew_access(app: FastAPI, config: Settings) -> None:
    """Take over tokens and keys that were changed while the function ran.

    The previous ones stay when the new ones cannot be used, because a mistake in a secret must not end the
    service; a new environment refuses every request then.
    """
    try:
        access = AccessPolicy.from_settings(config)
    except ValueError as error:
        log.critical("the changed secrets cannot be used", extra={"reason": str(error)})
        return
    app.state.config, app.state.access, app.state.limiter.own = config, access, access.rates


class RequestIdMiddleware:
    """Starts the invocation of each request, and adds the headers that every response carries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        state = request.state
        state.invocation = Invocation.start(request)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if (status := getattr(state, "rate_limit_status", None)) is not None:
                    headers.update(status.headers())
                headers.setdefault("X-Request-Id", state.invocation.request_id)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if headers["Cross-Origin-Resource-Policy"] != "cross-origin":
                    headers.setdefault("X-Frame-Options", "DENY")
            await send(message)

        await self._app(scope, receive, send_with_headers)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Close the worker and the browser when uvicorn stops; Lambda keeps the browser between invocations."""
    yield
    await local.stop_worker()
    await runtime.arun(runtime.close())
    for sink in telemetry.sinks:
        await asyncio.to_thread(sink.close)
