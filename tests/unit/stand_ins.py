"""Stand-ins of the unit tests: captures without a browser, and a reader of the process's own queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from stillframe import queues
from stillframe.queues.memory import MemoryQueue
from stillframe.result import Artifact, CaptureReport, CaptureResult

T = TypeVar("T")
URL = {"url": "https://example.com/"}
HOOK = "https://hooks.example/a"


def picture(data: bytes = b"picture") -> CaptureResult:
    return CaptureResult(
        "id", Artifact("png", data, "image/png", "png", 4, 3), CaptureReport(), "screenshot.png"
    )


class Captures:
    """In place of `service.capture`: returns or raises the `answers` in turn, then pictures."""

    def __init__(self) -> None:
        self.answers: list[CaptureResult | BaseException | Callable[[], Any]] = []
        self.asked: list[Any] = []
        self.seconds: list[float | None] = []

    async def __call__(
        self,
        request: Any,
        door: Any,
        *,
        request_id: str | None = None,
        base_url: str = "",
        seconds: float | None = None,
    ) -> CaptureResult:
        self.asked.append(request)
        self.seconds.append(seconds)
        answer = self.answers.pop(0) if self.answers else picture()
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer or picture()


def queued() -> list[tuple[str, int]]:
    """Take every message of the process's queue, with its delay."""
    queue = queues.configured()
    assert isinstance(queue, MemoryQueue)
    taken: list[tuple[str, int]] = []
    queue.listen(lambda body, delay: taken.append((body, delay)))
    queue._listener = None
    return taken


def done(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
