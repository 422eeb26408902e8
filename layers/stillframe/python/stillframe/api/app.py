"""The application: routes, one authentication, one error shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import __version__
from ..browser.runtime import runtime
from ..doors import LOCAL, Door
from ..keys import new_request_id
from ..settings import Settings, settings
from ..worker import local
from . import openapi, problems
from .auth import Access
from .limits import Limiter
from .routes import capture, jobs, meta

ROUTERS = (capture.router, jobs.router, meta.router)


def create_app(door: Door = LOCAL, *, config: Settings | None = None, local: bool = False) -> FastAPI:
    """The HTTP service. `local` opens it to loopback when no token is configured; a deployed one answers 503 then."""
    config = config or settings()
    app = FastAPI(
        title="Stillframe",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.config = config
    app.state.door = door
    app.state.access = Access.read(config, local=local)
    app.state.limiter = Limiter(config)
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    openapi.install(app)

    app.add_middleware(RequestIdMiddleware)
    return app


class RequestIdMiddleware:
    """Gives each request its id, and each answer what all of them have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = Request(scope).state
        state.request_id = new_request_id()

        async def name(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if (standing := getattr(state, "standing", None)) is not None:
                    # On success and error alike.
                    headers.update(standing.headers())
                headers.setdefault("X-Request-Id", state.request_id)
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        await self._app(scope, receive, name)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Under uvicorn only; on Lambda the browser outlives every request."""
    yield
    await local.stop_worker()
    await runtime.arun(runtime.close())
