"""Intercept the requests of a page: block some, add headers for one origin, answer some ourselves.

It uses the DevTools Fetch domain instead of Playwright's routes. A route is not called for the later hops of
a redirect (https://github.com/microsoft/playwright/issues/33882), and headers that it adds are sent to every
hop (https://github.com/microsoft/playwright/pull/28962), even to another origin.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..result import CaptureReport
from ..urls import origin_of
from .session import PageSession
from .supplied import Reply, Supplied


@dataclass(frozen=True, slots=True)
class PausedRequest:
    """A request that waits for a decision; `kind` is Network.ResourceType of DevTools, in lower case.

    `page` is the address of the main document, `is_page` whether the request is for that document itself.
    """

    url: str
    kind: str
    page: str
    is_page: bool = False


# Returns the reason to block the request, or None.
Blocker = Callable[[PausedRequest], str | None]


# No slots: Playwright stores its wrapper of a bound event handler as an attribute of the handler's object.
@dataclass
class Interceptor:
    """The rules of one capture: what to supply or to block, and which headers to add for one origin."""

    blockers: list[Blocker] = field(default_factory=list)
    origin: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    supplied: Supplied | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _cdp: Any = None
    _frame_id: str = ""
    _page: str = ""
    _report: CaptureReport = field(default_factory=CaptureReport)

    @property
    def needed(self) -> bool:
        """Whether there is a rule: without one, a round trip per request would be wasted."""
        return bool(self.blockers or self.headers)

    async def attach(self, session: PageSession) -> None:
        """Start to intercept the page's requests; blocked ones are listed in the report."""
        self._cdp, self._report, self._frame_id = session.cdp, session.report, session.frame_id
        if self.blockers:
            session.report.note("blocked_requests", 0)
        session.cdp.on("Fetch.requestPaused", self._paused)
        await self._enable()

    async def supply(self, session: PageSession, supplied: Supplied) -> None:
        """Answer requests of the page with content of the caller from now on."""
        self.supplied = supplied
        if self._cdp is None:
            await self.attach(session)
        else:
            await self._enable()

    async def _enable(self) -> None:
        patterns = [{"urlPattern": "*", "requestStage": "Request"}] if self.needed else []
        if self.supplied is not None:
            patterns.append(self.supplied.pattern)
        await self._cdp.send("Fetch.enable", {"patterns": patterns})

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._decide(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, event: dict[str, Any]) -> None:
        request, paused = event["request"], {"requestId": event["requestId"]}
        # The page may be closed meanwhile, and then there is nothing to continue.
        with contextlib.suppress(Exception):
            reason = self._reason_to_block(request["url"], event["resourceType"], event.get("frameId"))
            supplied = self.supplied and self.supplied.reply(
                request["method"], request["url"], event["resourceType"]
            )
            if supplied:
                await self._cdp.send("Fetch.fulfillRequest", {**paused, **_fulfilment(supplied)})
            elif reason:
                await self._cdp.send("Fetch.failRequest", {**paused, "errorReason": "BlockedByClient"})
                self._report.block(request["url"], event["resourceType"].lower(), reason)
            elif self.headers:
                headers = self._headers_for(request)
                await self._cdp.send("Fetch.continueRequest", {**paused, "headers": headers})
            else:
                await self._cdp.send("Fetch.continueRequest", paused)

    def _reason_to_block(self, url: str, resource_type: str, frame_id: str | None) -> str | None:
        kind = resource_type.lower()
        is_page = kind == "document" and frame_id == self._frame_id
        if is_page:
            self._page = url
        paused = PausedRequest(url, kind, self._page, is_page)
        return next((reason for blocker in self.blockers if (reason := blocker(paused))), None)

    def _headers_for(self, request: dict[str, Any]) -> list[dict[str, str]]:
        """The request's headers, with the added ones if it goes to their origin, and without them if not."""
        added = {name.lower() for name in self.headers}
        headers = {n: v for n, v in request["headers"].items() if n.lower() not in added}
        if origin_of(request["url"]) == self.origin:
            headers |= self.headers
        return [{"name": name, "value": value} for name, value in headers.items()]


def _fulfilment(reply: Reply) -> dict[str, Any]:
    return {
        "responseCode": reply.status,
        "responseHeaders": [{"name": "Content-Type", "value": reply.content_type}],
        "body": base64.b64encode(reply.body).decode("ascii"),
    }
