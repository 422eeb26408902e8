"""The look at a page for the verdict: once, at once or after the picture's frame."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from stillframe.steps import inspection
from stillframe.steps.inspection import Look


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has happened; a look adds `look`."""
    happened: list[str] = []

    async def inspect(*_: Any) -> None:
        happened.append("look")

    monkeypatch.setattr(inspection, "inspect", inspect)
    return happened


def test_a_look_is_taken_once(looks: list[str]) -> None:
    async def picture() -> None:
        look = Look(cast(Any, None), [])
        look.begin()
        await look.finish()
        await look.finish()

    asyncio.run(picture())
    assert looks == ["look"]


def test_a_look_that_may_wait_comes_after_the_picture_was_asked_for(looks: list[str]) -> None:
    async def picture() -> None:
        look = Look(cast(Any, None), [])
        look.begin(0.001)
        looks.append("picture")
        await look.finish()

    asyncio.run(picture())
    assert looks == ["picture", "look"]


def test_a_look_that_was_given_up_is_not_taken(looks: list[str]) -> None:
    async def picture() -> None:
        look = Look(cast(Any, None), [])
        look.begin(0.001)
        look.cancel()
        await asyncio.sleep(0.002)

    asyncio.run(picture())
    assert looks == []
