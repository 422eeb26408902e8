"""Health, version, devices, templates, stored files, the API reference and the playground."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from ... import __version__, storage
from ...browser.runtime import runtime
from ...doors import LOCAL
from ...errors import BrowserUnavailable, CaptureError, NotFound
from ...request.templates import templates
from ...settings import settings
from ...steps.devices import devices
from .. import reference
from ..auth import authenticate
from ..headers import EMBEDDABLE, disposition
from ..invocation import invocation_of

router = APIRouter(dependencies=[Depends(authenticate)])
_STARTED = time.time()
_BUILD = Path(os.environ.get("STILLFRAME_BUILD_INFO", "/opt/stillframe/build.json"))


def _build() -> dict[str, Any] | None:
    """The build facts that the container image carries; None outside the image."""
    return dict(json.loads(_BUILD.read_text("utf-8"))) if _BUILD.is_file() else None


@router.get("/health")
async def health() -> JSONResponse:
    """The state of the process and its browser, without a request to the browser."""
    return JSONResponse(
        {
            "status": "healthy",
            "version": __version__,
            "uptime_seconds": round(time.time() - _STARTED),
            **runtime.figures(),
        }
    )


@router.get("/health/live")
async def live() -> JSONResponse:
    """The process responds."""
    return JSONResponse({"status": "alive"})


@router.get("/health/ready")
async def ready() -> JSONResponse:
    """A round trip to the browser, which is launched if it is not running."""
    try:
        async with asyncio.timeout(25):
            version = await runtime.arun(runtime.supervisor.probe())
    except (CaptureError, TimeoutError) as error:
        raise BrowserUnavailable(
            getattr(error, "message", "The browser did not respond."), retry_after=2
        ) from error
    return JSONResponse({"status": "ready", "browser": version})


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Every metric for Prometheus, where `PROMETHEUS` asks for it."""
    if not request.app.state.config.prometheus or request.app.state.door is not LOCAL:
        raise NotFound("There is no route /metrics; PROMETHEUS=true adds it to a local server.")
    from ...telemetry import otel

    return Response(await asyncio.to_thread(otel.exposition), media_type=otel.CONTENT_TYPE)


@router.get("/version")
async def version() -> JSONResponse:
    """The release, the versions of its parts, and the day of each filter list."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    from ... import filters

    def version_of(name: str) -> str | None:
        try:
            return installed(name)
        except PackageNotFoundError:
            return None

    build = await asyncio.to_thread(_build)
    return JSONResponse(
        {
            "version": __version__,
            "release": settings().release or None,
            "chromium": runtime.figures()["browser"] or (build or {}).get("chromium"),
            "playwright": version_of("playwright"),
            "python": platform.python_version(),
            "filter_lists": {name: source["updated"] for name, source in filters.sources().items()},
            "build": build,
        }
    )


@router.get("/devices")
async def list_devices() -> JSONResponse:
    """The names that `device` accepts, with their options."""
    return JSONResponse({"devices": devices()})


@router.get("/templates")
async def list_templates(request: Request) -> JSONResponse:
    """The names that `template` accepts, with their options."""
    return JSONResponse({"templates": templates(request.app.state.config.templates_file)})


@router.get("/files/{key:path}", include_in_schema=False)
async def stored_file(request: Request) -> Response:
    """A stored result of the local server, by its signed link."""
    key, query = request.path_params["key"], request.query_params
    expires, signature = query.get("expires", ""), query.get("signature", "")
    store = storage.configured()
    allows = getattr(store, "allows", None)
    if store is None or allows is None or not await asyncio.to_thread(allows, key, expires, signature):
        raise NotFound("There is no such file, or its link has expired.")
    found = await asyncio.to_thread(store.get, key)
    if found is None:
        raise NotFound("There is no such file, or its link has expired.")
    headers = EMBEDDABLE | {
        "Cache-Control": f"private, max-age={max(0, int(expires) - int(time.time()))}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": disposition(found.filename or key.rsplit("/", 1)[-1]),
    }
    return Response(found.data, media_type=found.content_type, headers=headers)


@router.get("/openapi.json", include_in_schema=False)
async def document(request: Request) -> JSONResponse:
    """The OpenAPI document; served by this route rather than by FastAPI, so that `authenticate` applies."""
    base_url = invocation_of(request).base_url
    return JSONResponse(request.app.openapi() | {"servers": [{"url": base_url or "/"}]})


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The API reference as an HTML page."""
    page = reference.page(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": reference.POLICY})


@router.get("/", include_in_schema=False)
async def playground_page() -> Response:
    """The playground: a page to try every option."""
    from .. import playground

    return playground.page()


@router.get("/playground/{name:path}", include_in_schema=False)
async def playground_file(request: Request) -> Response:
    """A script, style or picture of the playground. Raises NotFound."""
    from .. import playground

    return playground.file(request.path_params["name"])
