"""Options of a browser context."""

from __future__ import annotations

from stillframe.request import parse
from stillframe.steps.emulate import context_options

URL = {"url": "https://example.com/"}


def test_a_user_agent_has_the_version_of_the_browser() -> None:
    request = parse(URL | {"user_agent_platform": "windows"})
    assert "Chrome/156.0.0.0" in context_options(request, "156.0.1.2")["user_agent"]
