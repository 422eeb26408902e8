"""The worker of a local server handles every message, whatever one of them does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from stillframe.queues.memory import MemoryQueue
from stillframe.worker import local
from stillframe.worker.handle import RetryLater


def worked(
    monkeypatch: pytest.MonkeyPatch,
    handle: Callable[..., None],
    bodies: list[str],
    count: int,
    slots: int = 1,
) -> list[tuple[str, str, int]]:
    """The first `count` messages that the worker received; `handle` answers them."""
    seen: list[tuple[str, str, int]] = []

    async def main() -> None:
        enough, ended = asyncio.Event(), asyncio.Event()

        async def fake(body: str, *, message_id: str, receives: int = 1, base_url: str = "") -> None:
            if body == "the end":
                return ended.set()
            seen.append((body, message_id, receives))
            if len(seen) >= count:
                enough.set()
            return handle(body, receives)

        monkeypatch.setattr(local, "handle_message", fake)
        loop, queue = asyncio.get_running_loop(), MemoryQueue()
        browser: Any = SimpleNamespace(loop=lambda: loop, slot_count=lambda: slots)
        worker = local.LocalWorker(queue, browser)
        queue.send(bodies[:1])
        worker.start()
        queue.send(bodies[1:])
        async with asyncio.timeout(20):
            await enough.wait()
            # A message that is delivered again at once comes before this one.
            queue.send(["the end"])
            await ended.wait()
        await worker.stop()

    asyncio.run(main())
    return seen


def test_earlier_and_later_messages_are_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = worked(monkeypatch, lambda *_: None, ["a", "b", "c"], 3, slots=2)
    assert [body for body, _, _ in seen] == ["a", "b", "c"]
    assert len({name for _, name, _ in seen}) == 3


def test_a_message_that_raises_does_not_stop_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(body: str, receives: int) -> None:
        if body == "a":
            raise RuntimeError("x")

    assert [body for body, _, _ in worked(monkeypatch, handle, ["a", "b"], 2)] == ["a", "b"]


def test_a_message_comes_back_under_its_name_until_its_last_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(body: str, receives: int) -> None:
        if body == "a":
            raise RetryLater(0, final=receives == 3)

    seen = worked(monkeypatch, handle, ["a"], 3)
    assert [receives for _, _, receives in seen] == [1, 2, 3]
    assert len({name for _, name, _ in seen}) == 1
