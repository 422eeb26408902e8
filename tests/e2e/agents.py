"""The official client of the Model Context Protocol at every transport of the service."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx2
from entries import Lambda
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from PIL import Image
from serving import ENVIRONMENT


@dataclass(slots=True)
class Reply:
    """The answer of a tool: its text, its pictures and their cost."""

    text: str
    failed: bool
    pictures: list[Image.Image] = field(default_factory=list)

    @property
    def tokens(self) -> float:
        """What Claude pays: pixels of the pictures over 750, and a token for four letters."""
        return sum(p.width * p.height for p in self.pictures) / 750 + len(self.text) / 4

    def line(self, start: str) -> str:
        return next(line for line in self.text.split("\n") if line.startswith(start))

    @property
    def inside(self) -> str:
        """The text of the page, which follows its address and a blank line."""
        between = self.text.split("<<<", 1)[1].split("\n", 1)[1].rsplit("\n", 1)[0]
        return between.partition("\n\n")[2]


class Agent:
    """A connected client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(self, tool: str, **arguments: Any) -> Reply:
        found = await self.client.call_tool(tool, arguments)
        texts = [part.text for part in found.content if part.type == "text"]
        pictures = [
            Image.open(io.BytesIO(base64.b64decode(part.data)))
            for part in found.content
            if part.type == "image"
        ]
        for picture in pictures:
            picture.load()
        return Reply("\n".join(texts), bool(found.is_error), pictures)


Work = Callable[[Agent], Awaitable[None]]


def over_stdio(work: Work, **settings: str) -> None:
    """With `stillframe mcp` as a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "AUTH_TOKEN"} | ENVIRONMENT | settings
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "stillframe.cli.main", "mcp"], env=environment
    )
    _run(work, server)


def over_http(work: Work, url: str, token: str = "") -> None:
    """With a server on a real socket."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    _run(work, url, httpx2.AsyncHTTPTransport(), headers)


def over_lambda(work: Work, function: Lambda) -> None:
    """With the HTTP function, which is called with recorded events."""
    with ThreadPoolExecutor(1, initializer=lambda: asyncio.set_event_loop(asyncio.new_event_loop())) as pool:
        _run(work, "https://api.example/mcp", _Function(function, pool), {})
        pool.submit(lambda: asyncio.get_event_loop().close()).result()


class _Function(httpx2.AsyncBaseTransport):
    """Requests as events of the function."""

    def __init__(self, function: Lambda, pool: ThreadPoolExecutor) -> None:
        self._function, self._pool = function, pool

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = (await request.aread()).decode()
        dropped = ("host", "content-length", "connection", "accept-encoding", "user-agent")
        headers = {k: v for k, v in request.headers.items() if k not in dropped}

        def send() -> Any:
            return self._function.send(request.method, request.url.path, body=body or None, **headers)

        answer = await asyncio.get_running_loop().run_in_executor(self._pool, send)
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.data, request=request)


def _run(work: Work, server: Any, transport: Any = None, headers: dict[str, str] | None = None) -> None:
    async def connected() -> None:
        async with AsyncExitStack() as stack:
            target = server
            if transport is not None:
                http = httpx2.AsyncClient(transport=transport, headers=headers, timeout=60)
                await stack.enter_async_context(http)
                target = streamable_http_client(server, http_client=http)
            client = await stack.enter_async_context(Client(target))
            await work(Agent(client))

    asyncio.run(asyncio.wait_for(connected(), 90))
