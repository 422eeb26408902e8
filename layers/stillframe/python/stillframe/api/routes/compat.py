"""`/compat/<service>/…`: the addresses of other services, for their clients with another base URL."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

router = APIRouter()


@router.api_route("/compat/{service}/{path:path}", methods=["GET", "POST"], include_in_schema=False)
async def capture_for_another_service(request: Request) -> Response:
    """Capture what a request of another service asks for; the tables are loaded at the first one."""
    from .. import foreign

    return await foreign.answer(request)
