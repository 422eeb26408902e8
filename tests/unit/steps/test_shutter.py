"""What a page that stopped drawing is helped with before its content is set again."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from stillframe.deadline import Deadline
from stillframe.page.session import PageSession
from stillframe.steps.settle import shutter


def test_a_page_that_waits_for_its_clock_is_drawn_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen where requests were aborted beside a stream: only page time brought the frame."""
    helped: list[str] = []

    async def helps(name: str) -> None:
        helped.append(name)

    async def take() -> str:
        drawn = asyncio.Event()

        async def advance(_: object, milliseconds: float) -> None:
            if milliseconds >= 1_000:
                drawn.set()

        async def shot() -> str:
            await drawn.wait()
            return "picture"

        monkeypatch.setattr(shutter, "_PATIENCE", 0.01)
        monkeypatch.setattr(shutter, "advance_clock", advance)
        monkeypatch.setattr(shutter, "call_page_script", lambda *_: helps("transition"))
        monkeypatch.setattr(shutter, "abort_stalled_requests", lambda *_: helps("requests"))
        monkeypatch.setattr(shutter, "_draw", lambda *_: helps("drawn anew"))
        session: Any = SimpleNamespace(deadline=Deadline.after(5), virtual_time=True)
        return str(await shutter.take(cast(PageSession, session), shot()))

    assert asyncio.run(take()) == "picture"
    assert helped == ["transition", "requests"]
