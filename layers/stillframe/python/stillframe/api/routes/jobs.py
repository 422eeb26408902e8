"""Jobs: captures that are answered later."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ...errors import NotConfigured
from ...request import CaptureRequest
from ..auth import Caller

router = APIRouter()


async def accept(request: Request, caller: Caller, wanted: CaptureRequest) -> Response:
    """Take a capture as a job."""
    raise NotConfigured("Jobs are not set up.")
