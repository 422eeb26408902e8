"""Options of a browser context, and commands to a page that was prepared ahead."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from stillframe.deadline import Deadline
from stillframe.page.session import PageSession
from stillframe.request import parse
from stillframe.result import CaptureReport
from stillframe.steps.emulate import context_options, emulate, worth_preparing

URL = {"url": "https://example.com/"}


def test_a_user_agent_has_the_version_of_the_browser() -> None:
    request = parse(URL | {"user_agent_platform": "windows"})
    assert "Chrome/156.0.0.0" in context_options(request, "156.0.1.2")["user_agent"]


class Commands:
    """A DevTools session that only keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    async def send(self, command: str, value: Any = None) -> dict[str, Any]:
        self.sent.append((command, value))
        return {}


def sent(options: dict[str, Any], emulated: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a capture sends to a page that was prepared with `emulated`; it is what is in force then."""
    cdp = Commands()
    session = PageSession(
        cast(Any, None), cast(Any, cdp), Deadline.after(5), CaptureReport(), emulated=emulated
    )
    asyncio.run(emulate(session, parse(URL | options), "156.0.1.2"))
    return dict(cdp.sent)


def test_a_window_that_the_page_was_prepared_with_is_not_sent_again() -> None:
    emulated: dict[str, dict[str, Any]] = {}
    first = sent({"window_width": 800}, emulated)
    assert first["Emulation.setDeviceMetricsOverride"]["width"] == 800
    assert "Chrome/156" in first["Emulation.setUserAgentOverride"]["userAgent"]
    # A browser that hangs is recognised by a command that it does not answer before the navigation.
    assert list(sent({"window_width": 800}, emulated)) == ["Emulation.setUserAgentOverride"]


def test_another_window_replaces_that_of_the_prepared_page() -> None:
    emulated: dict[str, dict[str, Any]] = {}
    sent({"window_width": 800, "user_agent": "one", "locale": "de-DE"}, emulated)
    second = sent({"window_width": 801}, emulated)
    assert second["Emulation.setDeviceMetricsOverride"]["width"] == 801
    assert "Chrome/156" in second["Emulation.setUserAgentOverride"]["userAgent"]
    assert second["Emulation.setUserAgentOverride"]["acceptLanguage"] == "en-US,en"
    assert emulated["Emulation.setDeviceMetricsOverride"]["width"] == 801


def test_a_large_window_is_not_prepared_ahead() -> None:
    small: dict[str, dict[str, Any]] = {}
    sent({"window_width": 1920, "window_height": 1080}, small)
    assert worth_preparing(small) == small
    large: dict[str, dict[str, Any]] = {}
    sent({"window_width": 1920, "window_height": 1080, "pixel_density": 2}, large)
    assert worth_preparing(large) == {}
