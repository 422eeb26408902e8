"""What the server answers where no capture is made."""

from __future__ import annotations

import asyncio

from stillframe.agents.server import answer
from stillframe.agents.tools import Session
from stillframe.doors import MCP


def test_the_name_of_an_unknown_tool_is_not_repeated_at_length() -> None:
    found = asyncio.run(answer(Session(MCP, "a"), "x" * 100_000, {}))
    assert found.is_error
    assert len(str(found.content)) < 300
