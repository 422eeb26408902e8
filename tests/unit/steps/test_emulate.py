"""Options of a browser context, and what every page is told of its browser."""

from __future__ import annotations

import asyncio
from typing import Any

from stillframe.request import parse
from stillframe.steps.emulate import context_options, emulate

from .devtools import Commands, session_with

URL = {"url": "https://example.com/"}
COMMAND = "Emulation.setUserAgentOverride"


def sent(options: dict[str, Any], device_metrics: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a capture sends to a page that was prepared with these device metrics."""
    commands = Commands()
    asyncio.run(emulate(session_with(commands, device_metrics), parse(URL | options), "156.0.1.2"))
    return dict(commands.sent)


def test_a_user_agent_has_the_version_of_the_browser() -> None:
    request = parse(URL | {"user_agent_platform": "windows"})
    assert "Chrome/156.0.0.0" in context_options(request, "156.0.1.2")["user_agent"]
    assert "Chrome/156" in sent({})[COMMAND]["userAgent"]


def test_a_page_asks_for_the_languages_of_its_locale() -> None:
    assert sent({})[COMMAND]["acceptLanguage"] == "en-US,en"
    assert sent({"locale": "de_AT"})[COMMAND]["acceptLanguage"] == "de-AT,de"


def test_a_page_that_was_prepared_is_sent_a_command_too() -> None:
    """A browser that hangs is recognised by a command that it does not answer before the navigation."""
    metrics = sent({"window_width": 800})["Emulation.setDeviceMetricsOverride"]
    assert list(sent({"window_width": 800}, metrics)) == [COMMAND]
