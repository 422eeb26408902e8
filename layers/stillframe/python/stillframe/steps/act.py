"""The request's interactions, one after the other; an error names the interaction that failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from ..errors import CaptureError, DeadlineExceeded, InteractionFailed
from ..option_checks import check_size, http_url, selector_text, utf8_bytes
from ..options import Options, option
from ..page import world
from ..page.selectors import entering_shadow_trees
from ..page.session import PageSession, first_line, is_timeout
from ..settings import Settings
from .inject import run_script
from .wait import wait_for_elements

if TYPE_CHECKING:
    from playwright.async_api import Locator

_SCROLL = "(left, top) => window.scrollTo({ left, top, behavior: 'instant' })"

Action = Literal[
    "click", "type", "hover", "scroll", "wait_for", "press", "select", "check", "evaluate", "goto"
]
_NEEDS_SELECTOR = {"click", "type", "hover", "select", "check"}
_NEEDS_TEXT = {"type", "press", "select", "evaluate"}
_MODIFIERS = {"control", "meta", "shift", "alt"}
_PASTING_KEYS = {"v", "insert"}


class WaitFor(Options):
    """Pixashot's `wait_for`: a selector, an idle network for up to `value` ms, or `value` ms."""

    type: Literal["selector", "network_idle", "network_mostly_idle", "timeout", "time"]
    value: str | int | None = None
    timeout: Annotated[int | None, Field(ge=1)] = None

    @model_validator(mode="after")
    def _value_fits(self) -> WaitFor:
        if self.type == "selector" and not isinstance(self.value, str):
            raise ValueError("type selector needs the selector in `value`")
        if self.type in ("timeout", "time") and not (isinstance(self.value, int) and self.value >= 0):
            raise ValueError("types timeout and time need milliseconds in `value`")
        if self.type.startswith("network") and not isinstance(self.value, int | None):
            raise ValueError("the network types take milliseconds in `value`")
        return self

    @field_validator("value", mode="before")
    @classmethod
    def _digits(cls, value: Any) -> Any:
        return int(value) if isinstance(value, str) and value.isdigit() else value


class Interaction(Options):
    """One interaction; `timeout` is in milliseconds, and one that is `optional` may fail with a warning."""

    action: Action
    selector: Annotated[str | None, Field(max_length=1000)] = None
    text: str | None = None
    url: str | None = None
    x: float | None = None
    y: float | None = None
    wait_for: WaitFor | None = None
    timeout: Annotated[int | None, Field(ge=1)] = None
    optional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _scroll_has_a_target(cls, value: Any) -> Any:
        if (
            isinstance(value, dict)
            and value.get("action") == "scroll"
            and value.get("x") is None
            and value.get("y") is None
            and value.get("selector") is None
        ):
            raise ValueError("scroll needs x and y, or a selector")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Interaction:
        if self.action in _NEEDS_SELECTOR and self.selector is None:
            raise ValueError(f"{self.action} needs a selector")
        if self.action in _NEEDS_TEXT and self.text is None:
            raise ValueError(f"{self.action} needs its value in `text`")
        if self.action == "press" and _pastes(self.text or ""):
            raise ValueError("press cannot paste: one clipboard serves every capture of the browser")
        if self.action == "goto" and not (self.text or self.url):
            raise ValueError("goto needs a URL in `text` or `url`")
        if self.action == "wait_for" and self.wait_for is None and self.selector is None:
            raise ValueError("wait_for needs `wait_for: {type, value}`")
        return self


def _check_interactions(field: str, steps: list[Interaction], settings: Settings) -> None:
    check_size(field, len(steps), settings.max_interactions, "steps")
    for index, step in enumerate(steps):
        where = f"{field}[{index}]"
        if step.selector is not None:
            selector_text(where, step.selector, settings)
        if step.wait_for is not None and step.wait_for.type == "selector":
            selector_text(where, str(step.wait_for.value), settings)
        if step.text is not None:
            check_size(where, utf8_bytes(step.text), settings.max_js_bytes, "bytes")
        if step.action == "goto":
            http_url(where, step.url or step.text or "", settings)


def _pastes(combination: str) -> bool:
    """Whether a key combination pastes; headless Chromium has one clipboard for all of its contexts."""
    pattern = r"^key|^numpad0$|left$|right$|ormeta$"
    *held, key = (re.sub(pattern, "", part) for part in combination.lower().split("+"))
    return key in _PASTING_KEYS and not _MODIFIERS.isdisjoint(held)


# What an interaction types may be a password; no error and no record shows these fields of it.
TYPED = frozenset({"text", "value"})


class ActOptions(Options, group="interactions"):
    interactions: list[Interaction] | None = option(
        None,
        "Actions performed before the capture: click, type, hover, scroll, wait_for, press, select, check,"
        " evaluate, goto.",
        aliases=("steps",),
        pixashot=True,
        linkable=True,
        check=_check_interactions,
    )


async def act(session: PageSession, options: ActOptions, step_timeout: int) -> None:
    """Perform every interaction in order; `step_timeout` in milliseconds.

    Raises InteractionFailed with index, action and selector; an optional interaction that fails is a warning.
    """
    for index, step in enumerate(options.interactions or ()):
        where = f"interactions[{index}] ({step.action}{f' {step.selector!r}' if step.selector else ''})"
        try:
            own = step.timeout or (step.wait_for.timeout if step.wait_for else None)
            timeout = session.deadline.timeout(own or step_timeout, where)
            await _do(session, step, timeout)
        except DeadlineExceeded:
            raise
        except Exception as error:
            if session.page.is_closed() or (isinstance(error, CaptureError) and error.status >= 500):
                raise
            reason = "timed out" if is_timeout(error) else first_line(error)
            if is_timeout(error) and session.deadline.remaining() < 0.05:
                raise DeadlineExceeded(where) from error
            if step.optional:
                session.report.warn("interaction_skipped", f"{where}: {reason}")
                continue
            raise InteractionFailed(
                f"{where} failed: {reason}",
                details=[
                    {"field": f"interactions[{index}]", "action": step.action, "selector": step.selector}
                ],
            ) from error


async def _do(session: PageSession, step: Interaction, timeout: float) -> None:
    page = session.page
    target = await _target(session, step) if step.selector else None
    match step.action:
        case "click" if target:
            await target.click(timeout=timeout)
        case "type" if target:
            await target.fill(step.text or "", timeout=timeout)
        case "hover" if target:
            await target.hover(timeout=timeout)
        case "select" if target:
            await target.select_option(step.text or "", timeout=timeout)
        case "check" if target:
            await target.check(timeout=timeout)
        case "press":
            if target:
                await target.press(step.text or "", timeout=timeout)
            else:
                await session.deadline.run(page.keyboard.press(step.text or ""), "press", timeout)
        case "scroll":
            if target:
                await target.scroll_into_view_if_needed(timeout=timeout)
            else:
                moving = world.call(session, _SCROLL, step.x or 0, step.y or 0)
                await session.deadline.run(moving, "scroll", timeout)
        case "evaluate":
            await run_script(session, step.text or "", "evaluate")
        case "goto":
            await page.goto(step.url or step.text or "", wait_until="load", timeout=timeout)
            session.report.target.final_url = page.url
        case "wait_for":
            await _wait_for(session, step, timeout)


async def _target(session: PageSession, step: Interaction) -> Locator:
    """The first match that can be seen; `scroll` and `press` also take one that cannot."""
    found = session.page.locator(entering_shadow_trees(step.selector or ""))
    seen = found.filter(visible=True).first
    if step.action not in ("scroll", "press"):
        return seen
    return seen if await session.deadline.run(seen.count(), step.action, 5_000) else found.first


async def _wait_for(session: PageSession, step: Interaction, timeout: float) -> None:
    wait = step.wait_for or WaitFor(type="selector", value=step.selector)
    match wait.type:
        case "selector":
            if not await wait_for_elements(session, str(wait.value), timeout, visible=True):
                raise TimeoutError
        case "timeout" | "time":
            await session.page.wait_for_timeout(session.deadline.timeout(float(wait.value or 0), "wait_for"))
        case "network_idle" | "network_mostly_idle":
            cap = min(timeout, wait.value) if isinstance(wait.value, int) and wait.value else timeout
            if not await session.network_quiet(0 if wait.type == "network_idle" else 2, 500, cap):
                session.report.warn("network_busy", f"The network did not become quiet within {cap:.0f} ms.")
