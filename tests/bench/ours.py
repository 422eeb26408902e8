"""The product as a caller has it: the service with guard, isolation, settling and delivery on."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.request import parse
from stillframe.result import CaptureResult
from stillframe.service import capture
from stillframe.settings import Settings

from .floor import VIEW

ALLOW = "127.0.0.0/8,localhost"
_SIZE = {"window_width": VIEW["width"], "window_height": VIEW["height"]}


@contextlib.asynccontextmanager
async def warm(**settings: Any) -> AsyncIterator[Runtime]:
    """A runtime with its browser up; never recycled, so that no launch falls into a measured round."""
    runtime = Runtime(
        Settings(egress_allow=ALLOW, max_requests=100_000, max_fetch_bytes=500_000_000, **settings)
    )
    try:
        await runtime.arun(_launched(runtime))
        yield runtime
    finally:
        await runtime.arun(runtime.close())


async def _launched(runtime: Runtime) -> None:
    await runtime.supervisor.ensure()


async def take(
    runtime: Runtime, url: str, *, caller: str = "", **options: Any
) -> tuple[float, CaptureResult]:
    """One capture through the service; seconds and the result."""
    request = parse({"url": url, **_SIZE, **options})
    started = time.perf_counter()
    result = await capture(request, LOCAL, caller=caller, browser=runtime)
    return time.perf_counter() - started, result


async def together(runtime: Runtime, urls: list[str], **options: Any) -> float:
    """Seconds until all are done, asked for at once."""
    started = time.perf_counter()
    await asyncio.gather(*(take(runtime, url, **options) for url in urls))
    return time.perf_counter() - started
