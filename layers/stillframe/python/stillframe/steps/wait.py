"""The caller's own waits, each bounded and each soft: one that runs out is a warning."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from ..errors import RequestNotValid, ScriptFailed
from ..option_checks import at_most, selector_text, utf8_bytes
from ..options import option
from ..page.session import PageSession, first_line, is_timeout
from .load import LoadOptions


class WaitOptions(LoadOptions, group="waits"):
    wait_for_selector: str | None = option(
        None,
        "Wait until an element that matches is visible.",
        aliases=("wait_for",),
        pixashot=True,
        shareable=True,
        linkable=True,
        check=selector_text,
    )
    wait_for_hidden: str | None = option(
        None,
        "Wait until no element that matches is visible.",
        aliases=("wait_to_leave",),
        shareable=True,
        linkable=True,
        check=selector_text,
    )
    wait_for_function: str | None = option(
        None,
        "JavaScript expression or function to wait for until it is true.",
        aliases=("wait_for_expression",),
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
    )


async def wait(session: PageSession, options: WaitOptions) -> None:
    """Wait for what the caller named. Raises RequestNotValid for a selector that is none, ScriptFailed for a bad predicate."""
    page, cap = session.page, options.wait_for_timeout
    if options.wait_for_selector:
        timeout = _cap(session, cap, "wait_for_selector")
        await _soft(
            session,
            "wait_for_selector",
            page.wait_for_selector(options.wait_for_selector, state="visible", timeout=timeout),
        )
    if options.wait_for_hidden:
        timeout = _cap(session, cap, "wait_for_hidden")
        await _soft(
            session,
            "wait_for_hidden",
            page.wait_for_selector(options.wait_for_hidden, state="hidden", timeout=timeout),
        )
    if options.wait_for_function:
        timeout = _cap(session, cap, "wait_for_function")
        await _soft(
            session, "wait_for_function", page.wait_for_function(options.wait_for_function, timeout=timeout)
        )


def _cap(session: PageSession, cap: int, phase: str) -> float:
    """A wait may take its cap, but leaves a quarter of the time to take the picture."""
    session.deadline.timeout(None, phase)
    return max(1.0, session.deadline.share(0.75, cap))


async def _soft(session: PageSession, name: str, waiting: Awaitable[Any]) -> None:
    try:
        await waiting
    except Exception as error:
        if is_timeout(error):
            session.report.warn(
                f"{name}_timeout", f"{name} was not met in time; the capture shows the page as it was."
            )
        elif is_selector_error(error):
            raise RequestNotValid(f"{name}: {first_line(error)}", details=[{"field": name}]) from error
        elif name == "wait_for_function" and not session.page.is_closed():
            raise ScriptFailed(f"{name} failed: {first_line(error)}", details=[{"field": name}]) from error
        else:
            raise


def is_selector_error(error: BaseException) -> bool:
    """Whether Playwright could not read a selector."""
    text = str(error)
    return any(
        s in text
        for s in (
            "is not a valid selector",
            "Unexpected token",
            "Unknown engine",
            "parsing css selector",
            "parsing selector",
            "Malformed selector",
        )
    )
