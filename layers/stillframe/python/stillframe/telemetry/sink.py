"""What a sink is; a module of its own, because the browser counts events and loads nothing for it."""

from __future__ import annotations

from typing import Protocol

from .captures import CaptureRecord


class Sink(Protocol):
    """Takes what is told; must neither block nor raise."""

    def capture(self, record: CaptureRecord) -> None: ...

    def count(self, values: dict[str, float]) -> None: ...

    def close(self) -> None: ...
