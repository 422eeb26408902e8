"""Wait for the conditions that the request names; a wait that times out is a warning."""

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
        "Wait until an element that matches the selector is visible.",
        aliases=("wait_for",),
        pixashot=True,
        shareable=True,
        linkable=True,
        check=selector_text,
    )
    wait_for_hidden: str | None = option(
        None,
        "Wait until no element that matches the selector is visible.",
        aliases=("wait_to_leave",),
        shareable=True,
        linkable=True,
        check=selector_text,
    )
    wait_for_function: str | None = option(
        None,
        "Wait until this JavaScript expression or function returns a true value.",
        aliases=("wait_for_expression",),
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
    )


async def wait(session: PageSession, options: WaitOptions) -> None:
    """Wait for each condition. Raises RequestNotValid for an invalid selector, ScriptFailed for a script."""
    page, cap = session.page, options.wait_for_timeout
    if options.wait_for_selector:
        timeout = _timeout(session, cap, "wait_for_selector")
        await _or_warn(
            session,
            "wait_for_selector",
            page.wait_for_selector(options.wait_for_selector, state="visible", timeout=timeout),
        )
    if options.wait_for_hidden:
        timeout = _timeout(session, cap, "wait_for_hidden")
        await _or_warn(
            session,
            "wait_for_hidden",
            page.wait_for_selector(options.wait_for_hidden, state="hidden", timeout=timeout),
        )
    if options.wait_for_function:
        timeout = _timeout(session, cap, "wait_for_function")
        await _or_warn(
            session, "wait_for_function", page.wait_for_function(options.wait_for_function, timeout=timeout)
        )


def _timeout(session: PageSession, cap: int, phase: str) -> float:
    """The timeout of a wait in milliseconds; it leaves a quarter of the remaining time for the capture."""
    session.deadline.timeout(None, phase)
    return max(1.0, session.deadline.share(0.75, cap))


async def _or_warn(session: PageSession, name: str, waiting: Awaitable[Any]) -> None:
    try:
        await waiting
    except Exception as error:
        if is_timeout(error):
            session.report.warn(f"{name}_timeout", f"{name} timed out; the page was captured as it was.")
        elif is_selector_error(error):
            raise RequestNotValid(f"{name}: {first_line(error)}", details=[{"field": name}]) from error
        elif name == "wait_for_function" and not session.page.is_closed():
            raise ScriptFailed(f"{name} failed: {first_line(error)}", details=[{"field": name}]) from error
        else:
            raise


def is_selector_error(error: BaseException) -> bool:
    """Whether Playwright or the browser refused a selector as invalid."""
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
