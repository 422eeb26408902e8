"""Run the package's scripts in an isolated world, and the caller's scripts in the page's own.

An isolated world has the document of the page and globals of its own: what a page's script does to `Map`,
`Promise` or `Array.prototype`, and what its Content-Security-Policy forbids, does not reach it. Elements are
still shared, and a form or an image may name properties of `document` and of forms, so scripts read those
through `page/assets/dom.js`. Playwright's `evaluate` runs in the page's own world.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from .session import PageSession, is_playwright

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

_NAME = "stillframe"
# A page that navigates destroys its worlds, and may do so again.
_TRIES = 3


class ScriptThrew(Exception):
    """A script in the page ended with an exception; the text is what the browser reports of it."""

    @property
    def is_syntax(self) -> bool:
        """Whether the script could not be parsed."""
        return str(self).startswith("SyntaxError")


async def call(session: PageSession, function: str, *arguments: Any) -> Any:
    """The JSON value that a JavaScript function returns in the main frame, or that its promise resolves to.

    The caller limits the time. Raises ScriptThrew, and Playwright's error when the page navigates meanwhile.
    """
    return await call_in_frame(session.cdp, await main_frame(session), session.worlds, function, *arguments)


async def call_in_frame(
    cdp: CDPSession, frame_id: str, worlds: dict[str, int], function: str, *arguments: Any
) -> Any:
    """The same in any frame of the session's process; `worlds` keeps the world of each frame."""
    request = {
        "functionDeclaration": function,
        "arguments": [{"value": argument} for argument in arguments],
        "returnByValue": True,
        "awaitPromise": True,
    }
    return value_of(await _call_in_world(cdp, frame_id, worlds, request))


async def _call_in_world(
    cdp: CDPSession, frame_id: str, worlds: dict[str, int], request: dict[str, Any]
) -> dict[str, Any]:
    for _ in range(_TRIES):
        world = worlds.get(frame_id) or await world_of(cdp, frame_id, worlds)
        try:
            answer = await cdp.send("Runtime.callFunctionOn", request | {"executionContextId": world})
            return dict(answer)
        except Exception as error:
            worlds.pop(frame_id, None)
            # The world of an earlier document; the function has not been called.
            if is_playwright(error) and "Cannot find context" in str(error):
                continue
            raise
    raise ScriptThrew("the page navigated away again and again")


async def find(session: PageSession, function: str, *arguments: Any) -> str | None:
    """The DevTools object that a function returns, such as an element, for `call_on`; None for a plain value.

    Raises ScriptThrew.
    """
    frame_id = await main_frame(session)
    request = {"functionDeclaration": function, "arguments": [{"value": argument} for argument in arguments]}
    answer = await _call_in_world(session.cdp, frame_id, session.worlds, request)
    value_of(answer)
    object_id = answer["result"].get("objectId")
    return None if object_id is None else str(object_id)


async def call_on(session: PageSession, object_id: str, function: str, *arguments: Any) -> Any:
    """The JSON value of a function called with an object that `find` returned. Raises ScriptThrew."""
    answer = await session.cdp.send(
        "Runtime.callFunctionOn",
        {
            "functionDeclaration": f"function (...a) {{ return ({function})(this, ...a); }}",
            "objectId": object_id,
            "arguments": [{"value": argument} for argument in arguments],
            "returnByValue": True,
            "awaitPromise": True,
        },
    )
    return value_of(answer)


async def world_of(cdp: CDPSession, frame_id: str, worlds: dict[str, int]) -> int:
    """The execution context of a new isolated world in the frame's present document."""
    made = await cdp.send("Page.createIsolatedWorld", {"frameId": frame_id, "worldName": _NAME})
    worlds[frame_id] = int(made["executionContextId"])
    return worlds[frame_id]


async def open_ahead(session: PageSession) -> None:
    """Make the isolated world of a document that is still loading, so that no later step waits for it."""
    # Whoever needs it makes it again where this failed, or where another document has come.
    with contextlib.suppress(Exception):
        await world_of(session.cdp, await main_frame(session), session.worlds)


async def main_frame(session: PageSession) -> str:
    """The id of the page's main frame, which remains the same when it navigates."""
    if not session.frame_id:
        tree = await session.cdp.send("Page.getFrameTree")
        session.frame_id = str(tree["frameTree"]["frame"]["id"])
    return session.frame_id


async def run_in_page(session: PageSession, expression: str, *, again: bool = False) -> Any:
    """The JSON value of an expression in the page's own world, also where a policy forbids `eval`.

    A promise is awaited; the caller limits the time. With `again` the expression is statements, which may
    declare the same names as in an earlier call, and a promise that they end with is not awaited. Raises
    ScriptThrew.
    """
    answer = await session.cdp.send(
        "Runtime.evaluate",
        {
            "expression": expression,
            "returnByValue": True,
            "awaitPromise": True,
            "userGesture": True,
            "allowUnsafeEvalBlockedByCSP": True,
            "replMode": again,
        },
    )
    return value_of(answer)


def value_of(answer: dict[str, Any]) -> Any:
    """The value of a DevTools answer. Raises ScriptThrew."""
    thrown = answer.get("exceptionDetails")
    if thrown is None:
        return answer["result"].get("value")
    found = thrown.get("exception", {})
    raise ScriptThrew(str(found.get("description") or found.get("value") or thrown.get("text") or "an error"))


def has_navigated(error: BaseException) -> bool:
    """Whether a call ended because its document was replaced."""
    text = str(error)
    return is_playwright(error) and any(
        words in text
        for words in ("context was destroyed", "Inspected target navigated", "Cannot find context")
    )
