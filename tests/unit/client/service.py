"""A service that answers what a test says, and both clients as one."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
from collections.abc import Callable
from typing import Any

import httpx

from stillframe.client import AsyncClient, Client

ENDPOINT = "https://captures.example/prod"
Answer = httpx.Response | Exception


class Service:
    """Answers with the given responses, in order; `asked` has the requests, `slept` the pauses in seconds."""

    def __init__(self, *answers: Answer | Callable[[httpx.Request], Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        found = answer if isinstance(answer, httpx.Response | Exception) else answer(request)
        if isinstance(found, Exception):
            raise found
        return found

    def body(self, number: int = -1) -> Any:
        return json.loads(self.asked[number].content)

    def client(self, **arguments: Any) -> Client:
        client = Client(
            ENDPOINT, "secret", http=httpx.Client(transport=httpx.MockTransport(self)), **arguments
        )
        client._sleep = self.slept.append
        return client

    def async_client(self, **arguments: Any) -> AsyncClient:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        client = AsyncClient(ENDPOINT, "secret", http=http, **arguments)

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        client._sleep = sleep
        return client


class Sync:
    """The client, and `call`, which returns what its methods return."""

    def __init__(self, service: Service, **arguments: Any) -> None:
        self.client: Any = service.client(**arguments)

    def call(self, value: Any) -> Any:
        return value


class Async(Sync):
    """The same for the client of an event loop."""

    def __init__(self, service: Service, **arguments: Any) -> None:
        self.client = service.async_client(**arguments)

    def call(self, value: Any) -> Any:
        return asyncio.run(value) if inspect.iscoroutine(value) else value


def picture(data: bytes = b"PNG", **more: Any) -> dict[str, Any]:
    """The JSON of a result."""
    return {
        "file": base64.b64encode(data).decode(),
        "format": "png",
        "content_type": "image/png",
        "width": 3,
        "height": 2,
        "bytes": len(data),
        "filename": "screenshot.png",
        "report": {"verdict": {"ok": True, "findings": []}, "timings": {"total": 12.5}},
        "request_id": "r1",
    } | more


def fault(code: str, status: int, *, retryable: bool = False, **more: Any) -> httpx.Response:
    """An error of the service."""
    headers = more.pop("headers", {})
    body = {
        "status": "error",
        "message": f"{code} happened.",
        "error_type": "Whatever",
        "error_details": [],
        "code": code,
        "retryable": retryable,
        "request_id": "r9",
        "target": {"url": "https://example.com", "final_url": None, "status": None},
    }
    return httpx.Response(status, json=body | more, headers=headers)
