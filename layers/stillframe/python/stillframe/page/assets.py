"""Files that are packaged beside the code, and the page scripts among them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from . import world
from .session import PageSession

# Page scripts have these helpers as their second parameter, `dom`.
_HELPERS = "page/assets/dom.js"
_COMMENT_LINES = re.compile(r"^[ \t]*(?://.*\n|/\*\*(?s:.*?)\*/\n)|^[ \t]+", re.MULTILINE)


@cache
def asset_text(path: str) -> str:
    """The text of a packaged file; `path` is relative to the package, such as `steps/assets/devices.json`."""
    return files("stillframe").joinpath(path).read_text("utf-8")


@cache
def page_script(path: str) -> str:
    """A packaged script as one JavaScript expression, ready to be evaluated or called with arguments."""
    # The JavaScript formatter ends the expression with a semicolon, after which it could not be called.
    text = asset_text(path).rstrip().removesuffix(";")
    # A script is sent and parsed once in every page: comments and indentation are a third of it. No template
    # literal goes over several lines (tests/unit/page/test_assets.py).
    return _COMMENT_LINES.sub("", text).lstrip()


@cache
def page_function(path: str) -> str:
    """A packaged script as a function of one argument, with the helpers of `dom.js` if it names them."""
    script = page_script(path)
    if ", dom)" not in script:
        return script
    return f"(argument) => ({script})(argument, ({page_script(_HELPERS)})())"


async def call_page_script(session: PageSession, path: str, argument: Any = None) -> Any:
    """The result of a packaged script in an isolated world; the caller limits the time."""
    return await world.call(session, page_function(path), argument)


async def find_in_page(session: PageSession, selector: str, *, hidden: bool) -> str | None:
    """The DevTools object of the first visible match of a CSS selector, for `world.call_on`.

    `hidden` allows for one that cannot be seen when all are. None when nothing matches, and for selectors of
    Playwright that are not CSS.
    """
    try:
        what = {"selector": selector, "hidden": hidden}
        return await world.find(session, page_function("page/assets/find.js"), what)
    except world.ScriptThrew:
        return None


async def run_page_script(session: PageSession, path: str, argument: Any, cap_ms: float) -> Any:
    """The result of a packaged script; None and the warning `<name>_failed` when it failed or timed out."""
    name = path.rpartition("/")[2].removesuffix(".js")
    try:
        return await session.deadline.run(call_page_script(session, path, argument), name, cap_ms)
    except Exception as error:
        if session.page.is_closed() or session.deadline.remaining() < 0.05:
            raise
        session.report.warn(
            f"{name}_failed", f"The page script '{name}' did not finish: {type(error).__name__}."
        )
        return None
