"""Paused requests fail or continue, some with other headers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from stillframe.page.interception import Interceptor
from stillframe.page.session import PageSession
from stillframe.result import CaptureReport


class Cdp:
    """A DevTools session that records the commands it gets."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.paused: Callable[[dict[str, Any]], None] | None = None

    def on(self, event: str, handler: Callable[[dict[str, Any]], None]) -> None:
        assert event == "Fetch.requestPaused"
        self.paused = handler

    async def send(self, method: str, params: dict[str, Any]) -> None:
        self.sent.append((method, params))


def intercept(interceptor: Interceptor, *urls: str) -> tuple[list[tuple[str, dict[str, Any]]], CaptureReport]:
    """The answers to paused requests of these URLs, and the report."""
    cdp, report = Cdp(), CaptureReport()

    async def run() -> None:
        await interceptor.attach(cast(PageSession, SimpleNamespace(cdp=cdp, report=report, frame_id="main")))
        assert cdp.paused is not None
        for number, url in enumerate(urls):
            request = {"url": url, "headers": {"Accept": "*/*", "authorization": "from the page"}}
            cdp.paused({"requestId": str(number), "resourceType": "Image", "request": request})
        await asyncio.sleep(0)

    asyncio.run(run())
    return cdp.sent[1:], report


def test_blocked_requests_fail_and_are_counted() -> None:
    rules = Interceptor(blockers=[lambda request: "ads" if "ads" in request.url else None])
    sent, report = intercept(rules, "https://a.example/", "https://ads.example/1", "https://ads.example/2")
    assert [method for method, _ in sent] == [
        "Fetch.continueRequest",
        "Fetch.failRequest",
        "Fetch.failRequest",
    ]
    assert report.facts == {"blocked_requests": 2}
    assert report.blocked.items == [
        {"url": "https://ads.example/1", "kind": "image", "reason": "ads"},
        {"url": "https://ads.example/2", "kind": "image", "reason": "ads"},
    ]


def test_headers_reach_their_origin_only() -> None:
    rules = Interceptor(origin="https://a.example", headers={"Authorization": "secret"})
    sent, report = intercept(rules, "https://a.example/page", "https://b.example/page")
    accept = {"name": "Accept", "value": "*/*"}
    assert [params["headers"] for _, params in sent] == [
        [accept, {"name": "Authorization", "value": "secret"}],
        [accept],
    ]
    assert report.facts == {}
