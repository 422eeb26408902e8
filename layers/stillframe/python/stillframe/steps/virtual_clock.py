"""One page's virtual clock: CDP commands that never wait for ever, because a page can hang any of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from ..page.session import PageSession, is_playwright

# Real seconds. A request that moves nothing for STALL counts as one that never ends.
STALL = 1.5
# A script that gives no answer for so long counts as one that waits for a clock that stands still.
UNRESPONSIVE = 2.5
# A page that has just loaded may compute for longer than that without waiting for anybody.
_FIRST_ANSWER = 6.0
_TICK = 0.1

T = TypeVar("T")


class TimeStoodStill(Exception):
    """The page cannot be settled in virtual time; it must be loaded anew and settled in real time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def ticking(session: PageSession, work: Awaitable[T]) -> T:
    """Await a command that needs a page's tasks to run (a snapshot does), though its clock stands still."""
    task = asyncio.ensure_future(work)
    if session.report.facts.get("settle", {}).get("mode") != "virtual":
        return await task
    cdp = await session.page.context.new_cdp_session(session.page)
    try:
        while not (await asyncio.wait([task], timeout=_TICK / 10))[0]:
            await cdp.send("Emulation.setVirtualTimePolicy", {"policy": "advance", "budget": 10})
        return task.result()
    finally:
        task.cancel()
        with contextlib.suppress(Exception):
            await cdp.detach()


@cache
def _watch_script() -> str:
    return files("stillframe.steps").joinpath("assets/settle_watch.js").read_text("utf-8")


class VirtualClock:
    """Virtual time of the page on checkout; the clock stands still for good once the session is detached."""

    def __init__(self, session: PageSession, budget_ms: float, patience: float) -> None:
        self._session = session
        self._budget = budget_ms
        self._cdp: Any = None
        self._watch: str | None = None
        self._watching = True
        self._expired = asyncio.Event()
        self._received = 0
        self._streams: set[str] = set()
        self._listening = False
        self._answers_within = _FIRST_ANSWER
        self._end = time.monotonic() + patience
        self.stalled = False

    async def open(self, *, watch: bool = True) -> dict[str, Any]:
        """Attach and look at the page; a session of its own, because detaching is what makes it capturable again."""
        self._watching = watch
        opened = asyncio.ensure_future(self._session.page.context.new_cdp_session(self._session.page))
        try:
            seen = await self.ask("seen") if watch else {}
        finally:
            self._cdp = await opened
            self._answers_within = UNRESPONSIVE
        self._cdp.on("Emulation.virtualTimeBudgetExpired", lambda _: self._expired.set())
        return seen

    async def close(self) -> None:
        """Give the page its frames back and detach."""
        if self._watch is not None:
            with contextlib.suppress(TimeStoodStill):
                await self.ask("end")
        if self._cdp is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(UNRESPONSIVE):
                    await self._cdp.detach()

    async def ask(self, method: str, *arguments: Any) -> dict[str, Any]:
        """Call one of the page's watch functions; a page that has navigated is watched anew."""
        for _ in range(3):
            if self._watch is None:
                await self._begin()
            call = {
                "functionDeclaration": f"function(...a) {{ return this.{method}(...a); }}",
                "objectId": self._watch,
                "arguments": [{"value": a} for a in arguments],
                "returnByValue": True,
                "awaitPromise": True,
            }
            try:
                answer = await self._send("Runtime.callFunctionOn", call)
            except Exception as error:
                if not is_playwright(error) or self._session.page.is_closed():
                    raise
                self._watch = None
                continue
            return answer["result"].get("value") or {}
        raise TimeStoodStill("the page kept navigating")

    async def _begin(self) -> None:
        answer = await self._send(
            "Runtime.evaluate", {"expression": f"{_watch_script()}({self._budget:.0f})"}
        )
        self._watch = answer["result"].get("objectId")
        if self._watch is None or "exceptionDetails" in answer:
            raise TimeStoodStill("the page did not let itself be watched")

    async def _send(self, method: str, params: dict[str, Any] | None = None) -> Any:
        try:
            async with asyncio.timeout(min(self._answers_within, self._session.deadline.remaining() / 2)):
                return await self._session.cdp.send(method, params or {})
        except TimeoutError as error:
            if is_playwright(error):
                raise
            raise TimeStoodStill("a script did not end") from error

    async def spend(self, milliseconds: float) -> float:
        """Let so much page time pass; returns the real seconds it took. Sets `stalled` when requests had to be left behind."""
        started = time.monotonic()
        if not self.stalled and not await self._run("pauseIfNetworkFetchesPending", milliseconds):
            self.stalled = True
            # Once and whole: `advance` in pieces hangs captures.
            if not await self._run("advance", milliseconds):
                raise TimeStoodStill("the page's clock did not move")
        return time.monotonic() - started

    async def _run(self, policy: str, milliseconds: float) -> bool:
        self._expired.clear()
        self._let_pass(policy, milliseconds)
        network, seen, moved, page_time = self._session.network, None, time.monotonic(), -1.0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._expired.wait(), _TICK)
            if self._expired.is_set():
                return True
            now = time.monotonic()
            progress = (network.requests, network.inflight, self._received)
            if progress != seen:
                seen, moved = progress, now
            if now > self._end and policy != "advance":
                return False
            if now - moved < (STALL if network.inflight and policy != "advance" else 5 * _TICK):
                self._listen()
                continue
            if network.inflight and policy != "advance":
                return False
            if not self._watching:
                return False
            # Nothing is fetched: either the page computes, and its clock moves, or it waits for ever.
            clock = (await self.ask("look")).get("now", 0.0)
            if clock == page_time:
                return False
            page_time, moved = clock, now

    def _let_pass(self, policy: str, milliseconds: float) -> None:
        self._tell(
            "Emulation.setVirtualTimePolicy", {"policy": policy, "budget": max(1, round(milliseconds))}
        )

    def _tell(self, method: str, params: dict[str, Any] | None = None) -> None:
        """Send without waiting: a page that hangs never answers, and the events say what there is to know."""
        sent = asyncio.ensure_future(self._cdp.send(method, params or {}))
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _listen(self) -> None:
        """Count bytes once a wait has become long: a slow download is not a stalled one."""
        if self._listening:
            return
        self._listening = True

        def received(event: dict[str, Any]) -> None:
            if event["requestId"] not in self._streams:
                self._received += 1

        self._cdp.on("Network.dataReceived", received)
        self._cdp.on("Network.eventSourceMessageReceived", lambda e: self._streams.add(e["requestId"]))
        self._tell("Network.enable")

    async def free(self) -> None:
        """End the script that holds the page, so that the page can be closed."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(UNRESPONSIVE):
                await self._session.cdp.send("Runtime.terminateExecution")
