"""A DevTools session that only keeps what was sent, and the page session of a capture on it."""

from __future__ import annotations

from typing import Any, cast

from stillframe.deadline import Deadline
from stillframe.page.session import PageSession
from stillframe.result import CaptureReport


class Commands:
    """The commands that were sent; each is answered with an empty object."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    async def send(self, command: str, value: Any = None) -> dict[str, Any]:
        self.sent.append((command, value))
        return {}


def session_with(commands: Commands, device_metrics: dict[str, Any] | None = None) -> PageSession:
    """The session of a page that was prepared with these device metrics."""
    cdp, page = cast(Any, commands), cast(Any, None)
    return PageSession(page, cdp, Deadline.after(5), CaptureReport(), device_metrics=device_metrics)
