"""A capture in this process, without AWS."""

from __future__ import annotations

import asyncio
from typing import Any

from ..result import CaptureResult


def capture(request: dict[str, Any]) -> CaptureResult:
    """Capture, and end the browser. Raises CaptureError."""
    return asyncio.run(_capture(request))


async def _capture(request: dict[str, Any]) -> CaptureResult:
    from .. import service
    from ..browser.runtime import runtime
    from ..doors import CLI
    from ..request import parse

    parsed = parse(request)
    try:
        return await service.capture(parsed, CLI, caller="cli")
    finally:
        await runtime.arun(runtime.close())
