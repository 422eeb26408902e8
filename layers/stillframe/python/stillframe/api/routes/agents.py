"""For agents: `/mcp`, which is streamable HTTP without sessions and streams, and `/llms.txt`."""

from __future__ import annotations

from importlib.util import find_spec

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from ...errors import NotConfigured
from ..auth import Caller, authenticate
from ..invocation import invocation_of

router = APIRouter()


class _Exchange(Response):
    """A response that the SDK writes itself."""

    def __init__(self, request: Request, caller: Caller) -> None:
        super().__init__()
        self._request, self._caller = request, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from ...agents.server import serve_http
        from ...agents.tools import Session

        request, caller = self._request, self._caller
        invocation, limiter = invocation_of(request), request.app.state.limiter
        session = Session(
            invocation.door,
            caller.identity,
            invocation.base_url,
            lambda: invocation.seconds_left,
            lambda count: limiter.take(caller.name, count=count),
        )
        await serve_http(session, scope, receive, send, request.app.state.config.max_body_bytes)


@router.post("/mcp", include_in_schema=False)
async def messages(request: Request, caller: Caller = Depends(authenticate)) -> Response:  # noqa: B008
    """One message of an MCP client. GET and DELETE are for sessions, which this server does not have: 405."""
    if find_spec("mcp") is None:
        raise NotConfigured("/mcp needs the extra mcp: pip install 'stillframe[mcp]'.")
    return _Exchange(request, caller)


@router.get("/llms.txt", include_in_schema=False)
async def llms(request: Request, caller: Caller = Depends(authenticate)) -> PlainTextResponse:  # noqa: B008
    """What an agent has to know to use the service."""
    from .. import llms

    state = request.app.state
    if not hasattr(state, "llms"):
        state.llms = llms.text(request.app)
    return PlainTextResponse(state.llms)
