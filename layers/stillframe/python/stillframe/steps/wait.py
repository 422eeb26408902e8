"""Wait for the conditions that the request names; a wait that times out is a warning."""

from __future__ import annotations

import asyncio
import contextlib
import time

from ..errors import RequestNotValid
from ..option_checks import at_most, selector_text, utf8_bytes
from ..options import option
from ..page import world
from ..page.assets import call_page_script
from ..page.selectors import entering_shadow_trees, is_selector_error
from ..page.session import PageSession, first_line, is_timeout
from ..page.world import ScriptThrew
from .inject import script_failed
from .load import LoadOptions

_POLL_SECONDS = 0.05
# Frames that are searched for a match, and seconds for each of them.
_FRAMES, _FRAME_SECONDS = 50, 0.5
# An expression or a function, statements whose last value counts, and the body of a function with `return`.
_FORMS = (
    "(async () => { const it = (SOURCE\n); return !!(await (typeof it === 'function' ? it() : it)); })()",
    "SOURCE",
    "(async () => { SOURCE\n})()",
)


class WaitOptions(LoadOptions, group="waits"):
    wait_for_selector: str | None = option(
        None,
        "Wait until an element that matches the selector is visible.",
        aliases=("wait_for",),
        pixashot=True,
        shareable=True,
        linkable=True,
        check=selector_text,
        brief="Wait until this element can be seen.",
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
        hints={"widget": "code"},
    )


async def wait(session: PageSession, options: WaitOptions) -> None:
    """Wait for each condition. Raises RequestNotValid for an invalid selector, ScriptFailed for a script."""
    cap = options.wait_for_timeout
    if options.wait_for_selector:
        await _elements(session, "wait_for_selector", options.wait_for_selector, cap, visible=True)
    if options.wait_for_hidden:
        await _elements(session, "wait_for_hidden", options.wait_for_hidden, cap, visible=False)
    if options.wait_for_function:
        timeout = _timeout(session, cap, "wait_for_function")
        if not await _function_is_true(session, options.wait_for_function, timeout):
            _warn(session, "wait_for_function")


def _timeout(session: PageSession, cap: int, phase: str) -> float:
    """The timeout of a wait in milliseconds; it leaves a quarter of the remaining time for the capture."""
    session.deadline.timeout(None, phase)
    return max(1.0, session.deadline.share(0.75, cap))


async def _elements(session: PageSession, name: str, selector: str, cap: int, *, visible: bool) -> None:
    try:
        met = await wait_for_elements(session, selector, _timeout(session, cap, name), visible=visible)
    except Exception as error:
        if is_selector_error(error):
            raise RequestNotValid(f"{name}: {first_line(error)}", details=[{"field": name}]) from error
        raise
    if not met:
        _warn(session, name)


def _warn(session: PageSession, name: str) -> None:
    session.report.warn(f"{name}_timeout", f"{name} timed out; the page was captured as it was.")


async def wait_for_elements(session: PageSession, selector: str, timeout: float, *, visible: bool) -> bool:
    """Wait until a match can be seen, or until none can; False after `timeout` milliseconds.

    Open shadow trees are searched too. Raises Playwright's error for an invalid selector.
    """
    end = time.monotonic() + timeout / 1000
    while (left := end - time.monotonic()) > 0:
        started = time.monotonic()
        try:
            async with asyncio.timeout(left):
                if await _is_seen(session, selector) is visible:
                    return True
        except Exception as error:
            if is_timeout(error):
                return False
            if not world.has_navigated(error) or session.page.is_closed():
                raise
        # A large page is looked at less often.
        await asyncio.sleep(max(_POLL_SECONDS, 2 * (time.monotonic() - started)))
    return False


async def _is_seen(session: PageSession, selector: str) -> bool:
    found = await call_page_script(session, "steps/assets/find_visible.js", selector)
    if found is not None and (found["visible"] or (found["trees"] == 1 and len(session.page.frames) == 1)):
        return bool(found["visible"])
    # Playwright's selectors know more than CSS, and their combinators enter shadow trees.
    deep = entering_shadow_trees(selector)
    if await session.page.locator(deep).filter(visible=True).count() > 0:
        return True
    return await _is_seen_in_frames(session, deep)


async def _is_seen_in_frames(session: PageSession, selector: str) -> bool:
    """Whether a frame of the page shows a match; a capture of the selector finds it there too."""
    for frame in session.page.frames[1:_FRAMES]:
        # A frame may vanish, and one of another process may hang.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_FRAME_SECONDS):
                if await frame.locator(selector).filter(visible=True).count() > 0:
                    return True
    return False


async def _function_is_true(session: PageSession, source: str, timeout: float) -> bool:
    """Whether the caller's function or expression became true within `timeout` ms. Raises ScriptFailed."""
    end = time.monotonic() + timeout / 1000
    forms = [form.replace("SOURCE", source) for form in _FORMS]
    refused: ScriptThrew | None = None
    while (left := end - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(left):
                if await world.run_in_page(session, forms[0], again=forms[0] == source):
                    return True
        except ScriptThrew as error:
            refused = refused or error
            if not error.is_syntax or len(forms) == 1:
                raise script_failed("wait_for_function", refused if error.is_syntax else error) from error
            forms.pop(0)
            continue
        except Exception as error:
            if is_timeout(error):
                return False
            if not world.has_navigated(error) or session.page.is_closed():
                raise
        await asyncio.sleep(_POLL_SECONDS)
    return False
