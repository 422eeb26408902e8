"""The end of the virtual clock, in a page that navigates meanwhile."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from stillframe.steps.settle.virtual_clock import VirtualClock


class Watched(VirtualClock):
    """The clock of a page whose first document is gone when its watch is to end."""

    def __init__(self) -> None:
        session: Any = SimpleNamespace(network=SimpleNamespace(documents=1))
        super().__init__(session, 1_000, 1)
        self._page = "first"
        self.restored: list[str | None] = []

    async def _call_watch(self, function: str, *arguments: Any) -> dict[str, Any] | None:
        await asyncio.sleep(0)
        if self._page == "first":
            return None
        self._page = "second"
        return {}

    async def _call_page(self, function: str, *arguments: Any) -> dict[str, Any]:
        assert function == "end"
        self.restored.append(self._page)
        return {}


def test_the_functions_of_a_document_that_replaced_the_watched_one_are_restored() -> None:
    clock = Watched()
    asyncio.run(clock.close())
    assert clock.restored == ["second"]
