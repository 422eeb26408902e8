"""One interception of a page's requests, only when an option needs it: it costs a round trip per request.

The DevTools `Fetch` domain is used in place of Playwright's routes because it pauses every hop of a redirect,
so a header for one origin can be taken off before the next origin sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..urls import origin_of
from .session import PageSession

Blocker = Callable[[str, str], str | None]


# Without slots: Playwright keeps its wrapper of a bound handler as an attribute of the object.
@dataclass
class Interceptor:
    """The rules of one capture: why a request is blocked, and which headers one origin gets."""

    blockers: list[Blocker] = field(default_factory=list)
    origin: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    blocked: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def needed(self) -> bool:
        return bool(self.blockers or self.headers)

    async def attach(self, session: PageSession) -> None:
        """Start pausing requests of the page."""
        self._cdp = session.cdp
        session.cdp.on("Fetch.requestPaused", self._paused)
        await session.cdp.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "requestStage": "Request"}]})

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, event: dict[str, Any]) -> None:
        request, paused = event["request"], {"requestId": event["requestId"]}
        # The page may be gone by the time we answer; there is nothing left to continue then.
        with contextlib.suppress(Exception):
            if any(blocker(request["url"], event["resourceType"]) for blocker in self.blockers):
                self.blocked += 1
                await self._send("Fetch.failRequest", {**paused, "errorReason": "BlockedByClient"})
            elif self.headers:
                await self._send("Fetch.continueRequest", {**paused, "headers": self._scoped(request)})
            else:
                await self._send("Fetch.continueRequest", paused)

    def _scoped(self, request: dict[str, Any]) -> list[dict[str, str]]:
        ours = {name.lower() for name in self.headers}
        kept = {n: v for n, v in request["headers"].items() if n.lower() not in ours}
        if origin_of(request["url"]) == self.origin:
            kept |= self.headers
        return [{"name": name, "value": value} for name, value in kept.items()]

    async def _send(self, method: str, params: dict[str, Any]) -> None:
        await self._cdp.send(method, params)

    _cdp: Any = None
