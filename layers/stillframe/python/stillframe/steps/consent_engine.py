"""Run DuckDuckGo's autoconsent in every frame of a page.

The content script runs in an isolated world. It asks for two things by messages: its rules, and small
evaluations in the page's own world.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from ..page.session import PageSession
from ..page.world import main_frame
from .consent_rules import content_script, rules_for

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Frame

    from .consent import Banner

_WORLD, _BINDING = "stillframe-consent", "stillframeConsent"
_ANSWERING = {"openPopupDetected", "runningOptOut", "runningOptIn"}
_ANSWERED = {"optOutSucceeded", "optInSucceeded", "done"}
# The states before autoconsent looks at a document for the first time. It does so by its rules, and by what
# it knows of unknown banners in the second round.
_STARTING = {"loading", "waitingForInitResponse", "initialized"}
_ROUNDS = 2
_EVALUATION_MS = 1_000
_MAX_FRAMES = 50


class ConsentEngine:
    """autoconsent in every frame of one page.

    `manager` is the consent manager that was found, `answered` whether a banner was answered and `popup`
    whether one was seen. `milliseconds` passed from the beginning of the capture to the first answer.
    """

    def __init__(self, session: PageSession, mode: Banner, started: float) -> None:
        self._session, self._mode, self._started = session, mode, started
        self._states: dict[tuple[int, int], str] = {}
        self._rounds = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sessions: list[CDPSession] = []
        self.manager: str | None = None
        self.answered = self.popup = False
        self.milliseconds = 0

    @property
    def detecting(self) -> bool:
        """Whether the main document is still to be looked at."""
        return self.manager is None and self._rounds < _ROUNDS

    @property
    def answering(self) -> bool:
        """Whether a banner was found and is not answered yet."""
        if self._mode == "hide":
            return False
        return any(state in _ANSWERING for state in self._states.values()) or bool(self._tasks)

    def note_answer(self) -> None:
        """Remember when the first banner was answered."""
        if not self.answered:
            self.answered = True
            self.milliseconds = round((time.monotonic() - self._started) * 1000)

    async def open(self) -> None:
        """Run in the page, in the frames that it has, and in those that will come."""
        page = self._session.page
        await main_frame(self._session)
        await self._attach(await page.context.new_cdp_session(page))
        page.on("framenavigated", self._navigated)
        for frame in page.frames[1:]:
            self._navigated(frame)

    def give_up(self) -> None:
        """Expect nothing more of it."""
        self._rounds = _ROUNDS

    async def _attach(self, cdp: CDPSession) -> None:
        number = len(self._sessions)
        self._sessions.append(cdp)
        contexts = _Contexts()
        cdp.on("Runtime.executionContextCreated", contexts.created)
        cdp.on("Runtime.executionContextDestroyed", contexts.destroyed)
        cdp.on("Runtime.executionContextsCleared", lambda _: self._cleared(number, contexts))
        cdp.on("Runtime.bindingCalled", lambda event: self._called(number, cdp, contexts, event))
        await cdp.send("Runtime.enable")
        await cdp.send("Runtime.addBinding", {"name": _BINDING, "executionContextName": _WORLD})
        await cdp.send("Page.enable")
        await cdp.send(
            "Page.addScriptToEvaluateOnNewDocument",
            {"source": content_script(_BINDING), "worldName": _WORLD, "runImmediately": True},
        )

    def _navigated(self, frame: Frame) -> None:
        if frame.parent_frame is not None and len(self._sessions) < _MAX_FRAMES:
            self._spawn(self._attach_frame(frame))

    async def _attach_frame(self, frame: Frame) -> None:
        # Only a frame of another site has a session of its own; for the others this raises.
        with contextlib.suppress(Exception):
            await self._attach(await frame.page.context.new_cdp_session(frame))

    def _cleared(self, number: int, contexts: _Contexts) -> None:
        contexts.clear()
        self._states = {key: state for key, state in self._states.items() if key[0] != number}

    def _called(self, number: int, cdp: CDPSession, contexts: _Contexts, event: dict[str, Any]) -> None:
        if event["name"] != _BINDING:
            return
        context = event["executionContextId"]
        message = json.loads(event["payload"])
        kind, is_main = message.get("type"), contexts.frame_of(context) == self._session.frame_id
        if kind == "init":
            self._spawn(self._initialise(cdp, context, message["url"], is_main))
        elif kind == "eval":
            self._spawn(self._evaluate(cdp, context, contexts.page_world_of(context), message))
        elif kind == "report":
            self._note_state(number, context, message["state"], is_main)
        elif kind == "popupFound" or (kind == "cmpDetected" and self.manager is None):
            self.manager = message["cmp"]
            self.popup = self.popup or kind == "popupFound"

    def _note_state(self, number: int, context: int, state: dict[str, Any], is_main: bool) -> None:
        lifecycle = state["lifecycle"]
        self._states[number, context] = lifecycle
        if is_main and lifecycle not in _STARTING:
            self._rounds = state["findCmpAttempts"] if lifecycle == "started" else _ROUNDS
        if lifecycle in _ANSWERED:
            self.note_answer()

    async def _initialise(self, cdp: CDPSession, context: int, url: str, is_main: bool) -> None:
        action = {"reject": "optOut", "accept": "optIn"}.get(self._mode)
        config = {
            "enabled": True,
            "autoAction": action,
            "enablePrehide": False,
            "enableCosmeticRules": True,
            "detectRetries": 20,
            "isMainWorld": False,
            "heuristicMode": "tier1" if action == "optOut" else "tier2",
            "logs": {"errors": False},
        }
        rules = {"autoconsent": rules_for(url, is_main)}
        await self._tell(cdp, context, {"type": "initResp", "config": config, "rules": rules})

    async def _evaluate(
        self, cdp: CDPSession, context: int, page_world: int | None, message: dict[str, Any]
    ) -> None:
        result = False
        if page_world is not None:
            with contextlib.suppress(Exception):
                answer = await cdp.send(
                    "Runtime.evaluate",
                    {
                        "contextId": page_world,
                        "expression": message["code"],
                        "returnByValue": True,
                        "awaitPromise": True,
                        "allowUnsafeEvalBlockedByCSP": True,
                        "timeout": _EVALUATION_MS,
                    },
                )
                result = "exceptionDetails" not in answer and bool(answer["result"].get("value"))
        await self._tell(cdp, context, {"type": "evalResp", "id": message["id"], "result": result})

    async def _tell(self, cdp: CDPSession, context: int, message: dict[str, Any]) -> None:
        # The document may have gone meanwhile.
        with contextlib.suppress(Exception):
            expression = f"void autoconsentReceiveMessage({json.dumps(message)})"
            await cdp.send("Runtime.evaluate", {"contextId": context, "expression": expression})

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Contexts:
    """The execution contexts of one DevTools session: which frame each belongs to, and whose world it is."""

    def __init__(self) -> None:
        self._frame_of: dict[int, str] = {}
        self._page_worlds: dict[str, int] = {}

    def created(self, event: dict[str, Any]) -> None:
        context = event["context"]
        data = context.get("auxData") or {}
        frame = data.get("frameId", "")
        self._frame_of[context["id"]] = frame
        if data.get("isDefault"):
            self._page_worlds[frame] = context["id"]

    def destroyed(self, event: dict[str, Any]) -> None:
        frame = self._frame_of.pop(event["executionContextId"], None)
        if frame is not None and self._page_worlds.get(frame) == event["executionContextId"]:
            del self._page_worlds[frame]

    def clear(self) -> None:
        self._frame_of.clear()
        self._page_worlds.clear()

    def frame_of(self, context: int) -> str:
        return self._frame_of.get(context, "")

    def page_world_of(self, context: int) -> int | None:
        return self._page_worlds.get(self.frame_of(context))
