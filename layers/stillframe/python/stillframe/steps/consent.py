"""Answer consent banners with DuckDuckGo's autoconsent in every frame, from the first script to the picture.

The content script runs in an isolated world. It asks for two things by messages: its rules, and small
evaluations in the page's own world.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Literal

from pydantic import field_validator

from ..options import Flag, Options, option
from ..page.session import PageSession
from .consent_rules import content_script, rules_for

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Frame

Banner = Literal["reject", "accept", "hide"]

_WORLD, _BINDING = "stillframe-consent", "stillframeConsent"
_ANSWERING = {"openPopupDetected", "runningOptOut", "runningOptIn"}
_ANSWERED = {"optOutSucceeded", "optInSucceeded", "done"}
_EVALUATION_MS = 1_000
_MAX_FRAMES = 50


class ConsentOptions(Options, group="block"):
    block_cookie_banners: Banner | Literal[False] = option(
        False,
        "Answer cookie consent banners: `reject` (the same as true), `accept`, or `hide` them.",
        aliases=("use_cookie_blocker",),
        shareable=True,
        linkable=True,
        operator_default="use_cookie_blocker",
        cli=Flag(value="reject"),
        brief="Answer or hide cookie banners.",
    )

    @field_validator("block_cookie_banners", mode="before")
    @classmethod
    def _banner_words(cls, value: object) -> object:
        words: dict[object, object] = {
            "true": "reject",
            "1": "reject",
            "yes": "reject",
            "on": "reject",
            "false": False,
            "0": False,
            "no": False,
            "off": False,
            "": False,
            "none": False,
        }
        if value is True or value == 1:
            return "reject"
        return words.get(value.lower(), value.lower()) if isinstance(value, str) else value


async def watch(session: PageSession, options: ConsentOptions) -> ConsentWatch | None:
    """Start to answer banners of the page, before it is loaded; None when the options do not ask for it."""
    if not options.block_cookie_banners:
        return None
    watch = ConsentWatch(session, options.block_cookie_banners)
    await watch.open()
    return watch


class ConsentWatch:
    """autoconsent in every frame of one page.

    `manager` is the consent manager that was found, `answered` whether a banner was answered.
    """

    def __init__(self, session: PageSession, mode: Banner) -> None:
        self._session, self._mode = session, mode
        self._states: dict[tuple[int, int], str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sessions: list[CDPSession] = []
        self.manager: str | None = None
        self.answered = False
        self._banner = False
        self._milliseconds = 0
        self._started = time.monotonic()

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
            self._milliseconds = round((time.monotonic() - self._started) * 1000)

    async def open(self) -> None:
        """Watch the page, and every frame that gets a process of its own."""
        page = self._session.page
        await self._attach(await page.context.new_cdp_session(page))
        page.on("framenavigated", self._navigated)

    def report(self, cleared: dict[str, int]) -> dict[str, Any] | None:
        """Which manager was found, what was done and after how many milliseconds; None without a banner.

        `outcome` is `answered`, `hidden`, or `unanswered` when the banner is still there; `cleared` is what
        clear_overlays.js returned.
        """
        hidden = cleared["banners"] + cleared["listed"] > 0
        if not (hidden or self.answered or self._banner):
            return None
        if cleared["left"]:
            return {"manager": self.manager, "outcome": "unanswered"}
        if hidden and not self.answered:
            return {"manager": self.manager, "outcome": "hidden"}
        found: dict[str, Any] = {"manager": self.manager, "outcome": "answered"}
        return found | ({"ms": self._milliseconds} if self.answered else {})

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
        kind = message.get("type")
        if kind == "init":
            self._spawn(
                self._initialise(cdp, context, message["url"], number == 0 and contexts.is_main(context))
            )
        elif kind == "eval":
            self._spawn(self._evaluate(cdp, context, contexts.page_world_of(context), message))
        elif kind == "report":
            state = message["state"]["lifecycle"]
            self._states[number, context] = state
            if state in _ANSWERED:
                self.note_answer()
        elif kind == "popupFound" or (kind == "cmpDetected" and self.manager is None):
            self.manager = message["cmp"]
            self._banner = self._banner or kind == "popupFound"

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
        self._first = ""

    def created(self, event: dict[str, Any]) -> None:
        context = event["context"]
        data = context.get("auxData") or {}
        frame = data.get("frameId", "")
        self._first = self._first or frame
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

    def is_main(self, context: int) -> bool:
        return self._frame_of.get(context) == self._first

    def page_world_of(self, context: int) -> int | None:
        return self._page_worlds.get(self._frame_of.get(context, ""))
