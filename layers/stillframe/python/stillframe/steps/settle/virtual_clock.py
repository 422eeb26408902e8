"""The virtual clock of one page; every command to it has a limit, because a page can block each of them.

Chromium's virtual time: https://chromedevtools.github.io/devtools-protocol/tot/Emulation/#method-setVirtualTimePolicy
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ...errors import DeadlineExceeded
from ...page.assets import page_function, page_script
from ...page.session import PageSession, is_playwright
from ...page.stopping import cancel_navigation, stop_navigations
from ...page.world import ScriptThrew, call

T = TypeVar("T")

# Seconds without network progress after which the open requests count as ones that never end.
_STALL = 1.5
# Seconds without an answer after which a script counts as blocked by the clock that stands still.
_UNRESPONSIVE = 2.5
# Seconds for the first answer: a page that has just loaded may compute for longer without being blocked.
_FIRST_ANSWER = 6.0
# Navigations after which the page has to keep its document, and after which the clock gives up.
_NAVIGATIONS_ALLOWED, _MAX_NAVIGATIONS = 3, 8
# Seconds between two looks at the progress.
_TICK = 0.1
# Calls a function of settle_watch.js, which stays in the isolated world of its document; null elsewhere.
_CALL_WATCH = "(name, a, b) => globalThis[Symbol.for('stillframe.watch')]?.[name](a, b) ?? null"


class TimeStoodStill(Exception):
    """The page cannot be settled in virtual time; it must be loaded again and settled in real time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class VirtualClock:
    """Virtual time of one page; after `close` the page's clock stands still until the page is closed.

    `stalled` tells whether requests were still open when the clock had to go on without them.
    """

    def __init__(self, session: PageSession, budget_ms: float, patience: float) -> None:
        self._session = session
        self._budget = budget_ms
        self._cdp: Any = None
        # The DevTools object of settle_page.js; None where the page is not watched (yet).
        self._page: str | None = None
        self._watching = True
        self._expired = asyncio.Event()
        self._received = 0
        self._streams: set[str] = set()
        self._listening = False
        self._answer_seconds = _FIRST_ANSWER
        self._end = time.monotonic() + patience
        self._documents = session.network.documents
        self.stalled = False

    async def open(self, *, watch: bool = True) -> dict[str, Any]:
        """Attach a session to the page; the page's first state, or {} when it is not watched.

        The clock needs a session that it can detach: a capture works only after that.
        """
        self._watching = watch
        opened = asyncio.ensure_future(self._session.page.context.new_cdp_session(self._session.page))
        try:
            seen = await self.call("seen") if watch else {}
        finally:
            self._cdp = await opened
            self._answer_seconds = _UNRESPONSIVE
        self._cdp.on("Emulation.virtualTimeBudgetExpired", lambda _: self._expired.set())
        return seen

    async def close(self) -> None:
        """Restore the page's own functions and detach."""
        ends = []
        if self._page is not None:
            # The watch may draw frames as it ends, and a detach resets the emulated media (steps/media.py).
            with contextlib.suppress(TimeStoodStill):
                await self._in_document(self._call_watch, "end")
                ends.append(self._call_page("end"))
        if self._cdp is not None:
            ends.append(self._cdp.detach())
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_UNRESPONSIVE):
                await asyncio.gather(*ends, return_exceptions=True)

    async def call(self, function: str, *arguments: Any) -> dict[str, Any]:
        """Call a function of settle_watch.js; what settle_page.js counted meanwhile is part of the result.

        Both are installed again in a page that has navigated.
        """
        return await self._in_document(self._call_both, function, *arguments)

    async def _in_document(
        self, work: Callable[..., Awaitable[dict[str, Any] | None]], function: str, *arguments: Any
    ) -> dict[str, Any]:
        """Call `work`, with the scripts installed, again in each document that replaces the one before."""
        for _ in range(_MAX_NAVIGATIONS):
            try:
                found = await work(function, *arguments)
            except Exception as error:
                if not is_playwright(error) or self._session.page.is_closed():
                    raise
                found = None
            if found is not None:
                return found
            self._page = None
            if self._session.network.documents - self._documents >= _NAVIGATIONS_ALLOWED:
                await stop_navigations(self._session)
        raise TimeStoodStill("the page kept navigating")

    async def _call_both(self, function: str, *arguments: Any) -> dict[str, Any] | None:
        if function == "look" and self._page is not None:
            # Neither waits for a frame, so both are one trip.
            seen, counted = await asyncio.gather(self._call_watch(function), self._call_page("look"))
        else:
            seen = await self._call_watch(function, *arguments)
            counted = await self._call_page("look")
        return None if seen is None else seen | counted

    async def draw_every(self, milliseconds: float) -> None:
        """Draw animation frames as rarely as this from now on."""
        # A page that has navigated or that blocks its thread shows in the next call.
        with contextlib.suppress(Exception):
            await self._call_page("drawEvery", milliseconds)

    async def _call_watch(self, function: str, *arguments: Any) -> dict[str, Any] | None:
        """What a function of settle_watch.js returns; None in a document in which it is not installed."""
        if self._page is None:
            return await self._install_and_call(function, *arguments)
        try:
            found = await self._limited(call(self._session, _CALL_WATCH, function, *arguments))
        except ScriptThrew:
            return {}
        return None if found is None else dict(found)

    async def _call_page(self, function: str, *arguments: Any) -> dict[str, Any]:
        request = {
            "functionDeclaration": f"function(a) {{ return this.{function}(a); }}",
            "objectId": self._page,
            "arguments": [{"value": argument} for argument in arguments],
            "returnByValue": True,
        }
        answer = await self._limited(self._session.cdp.send("Runtime.callFunctionOn", request))
        return answer["result"].get("value") or {}

    async def _install_and_call(self, function: str, *arguments: Any) -> dict[str, Any]:
        """Install both scripts, and call a function of settle_watch.js in the same trip."""
        session, watch = self._session, page_function("steps/settle/settle_watch.js")
        # A page may have removed what a function looks at; the script itself is installed all the same.
        install = (
            "async (budget, name, a, b) => {"
            f" const watch = globalThis[Symbol.for('stillframe.watch')] = ({watch})(budget);"
            " try { return await watch[name](a, b) } catch { return {} } }"
        )
        in_page = {"expression": f"({page_script('steps/settle/settle_page.js')})()"}
        installing = asyncio.gather(
            session.cdp.send("Runtime.evaluate", in_page),
            call(session, install, round(self._budget), function, *arguments),
        )
        try:
            answer, seen = await self._limited(installing)
        except ScriptThrew as error:
            raise TimeStoodStill("the page did not let itself be watched") from error
        self._page = answer["result"].get("objectId")
        if self._page is None or "exceptionDetails" in answer:
            self._page = None
            raise TimeStoodStill("the page did not let itself be watched")
        return dict(seen or {})

    async def _limited(self, work: Awaitable[T]) -> T:
        """Await an answer of the page. Raises TimeStoodStill when none comes."""
        deadline = self._session.deadline
        cap = deadline.share(0.5, self._answer_seconds * 1000)
        try:
            return await deadline.run(work, "settle", cap)
        except DeadlineExceeded as error:
            raise TimeStoodStill("a script did not end") from error

    async def advance(self, milliseconds: float) -> float:
        """Let this much page time pass; returns the real seconds that it took."""
        started = time.monotonic()
        if not self.stalled and not await self._run("pauseIfNetworkFetchesPending", milliseconds):
            self.stalled = True
            if self._session.network.navigating:
                # The clock stands still until the next document comes, whatever the policy.
                await cancel_navigation(self._session)
            # Only once: the requests that never end would stall every later budget again. In early
            # experiments captures hung after several budgets under `advance`; with Chromium 156 the
            # `never_ends` tests of tests/e2e/test_settle.py pass either way, and take the same time.
            if not await self._run("advance", milliseconds):
                raise TimeStoodStill("the page's clock did not move")
        return time.monotonic() - started

    async def _run(self, policy: str, milliseconds: float) -> bool:
        """Whether the budget was used up under this policy; False when the page made no progress."""
        self._expired.clear()
        self._send_unawaited(
            "Emulation.setVirtualTimePolicy", {"policy": policy, "budget": max(1, round(milliseconds))}
        )
        network, seen, moved, page_time = self._session.network, None, time.monotonic(), -1.0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._expired.wait(), _TICK)
            if self._expired.is_set():
                return True
            if network.documents - self._documents >= _NAVIGATIONS_ALLOWED:
                # Every document begins the budget anew, so a page that reloads itself never uses it up.
                await stop_navigations(self._session)
            now = time.monotonic()
            progress = (network.requests, network.inflight, self._received)
            if progress != seen:
                seen, moved = progress, now
            if now > self._end and policy != "advance":
                return False
            if now - moved < (_STALL if network.inflight and policy != "advance" else 5 * _TICK):
                self._count_bytes()
                continue
            if network.inflight and policy != "advance":
                return False
            if not self._watching:
                return False
            # No request is open: either the page computes and its clock moves, or it is blocked.
            clock = (await self.call("look")).get("now", 0.0)
            if clock == page_time:
                return False
            page_time, moved = clock, now

    def _send_unawaited(self, method: str, params: dict[str, Any] | None = None) -> None:
        """Send without awaiting the answer, which a blocked page never gives; events report the result."""
        sent = asyncio.ensure_future(self._cdp.send(method, params or {}))
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _count_bytes(self) -> None:
        """Count received bytes from now on, because a slow download is not a stalled one."""
        if self._listening:
            return
        self._listening = True

        def received(event: dict[str, Any]) -> None:
            if event["requestId"] not in self._streams:
                self._received += 1

        self._cdp.on("Network.dataReceived", received)
        self._cdp.on("Network.eventSourceMessageReceived", lambda e: self._streams.add(e["requestId"]))
        self._send_unawaited("Network.enable")

    async def terminate_script(self) -> None:
        """Terminate the script that blocks the page, so that the page can be closed."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_UNRESPONSIVE):
                await self._session.cdp.send("Runtime.terminateExecution")
