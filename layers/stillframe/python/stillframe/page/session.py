"""The page that one capture has checked out, as every step receives it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..deadline import Deadline
from ..errors import DeadlineExceeded
from ..result import CaptureReport

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page, Request

T = TypeVar("T")


@dataclass(slots=True)
class Network:
    """The requests of the page, counted from Playwright's events; `documents` are its own navigations."""

    inflight: int = 0
    quiet_since: float = field(default_factory=time.monotonic)
    requests: int = 0
    websockets: int = 0
    documents: int = 0
    navigating: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def started(self) -> None:
        self.inflight += 1
        self.requests += 1
        self._changed.set()

    def ended(self) -> None:
        self.inflight = max(0, self.inflight - 1)
        self.quiet_since = time.monotonic()
        self._changed.set()

    async def wait_quiet(self, allowed: int, quiet: float, timeout: float) -> bool:
        """Wait for at most `allowed` requests during `quiet` seconds; False after `timeout` seconds."""
        end = time.monotonic() + timeout
        calm_since = time.monotonic() if self.inflight <= allowed else None
        while (now := time.monotonic()) < end:
            if calm_since is not None and now - calm_since >= quiet:
                return True
            wake = end if calm_since is None else min(end, calm_since + quiet)
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), max(0.001, wake - now))
            if self.inflight > allowed:
                calm_since = None
            elif calm_since is None or (allowed == 0 and self._changed.is_set()):
                calm_since = time.monotonic()
        return False


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one capture's content and output."""

    max_pixels: int = 40_000_000
    max_pdf_pages: int = 200
    max_html_output_bytes: int = 10_000_000
    max_archive_bytes: int = 20_000_000
    max_page_pixels: int = 100_000_000


class Connections(Protocol):
    """The page's connections, as the egress guard's listener offers them."""

    @property
    def received(self) -> int: ...

    def abort_connections(self) -> None: ...


class Look(Protocol):
    """A look at the page for the verdict, which must come before the page is changed for a picture."""

    def begin(self, delay: float = 0.0) -> asyncio.Task[None]: ...

    async def finish(self) -> None: ...


@dataclass(slots=True)
class PageSession:
    """A page, a CDP session of our own on it, the time left and the report to write to.

    `frame_id` is the DevTools id of its main frame.
    `navigations_stopped` says that the page can no longer navigate away from its document.
    """

    page: Page
    cdp: CDPSession
    deadline: Deadline
    report: CaptureReport
    network: Network = field(default_factory=Network)
    limits: Limits = field(default_factory=Limits)
    shared: bool = True
    virtual_time: bool = True
    frame_id: str = ""
    # The origin that uploaded or local files were given; no server has it.
    files_origin: str = ""
    # Isolated worlds by frame, and styles by the option that inserted them.
    worlds: dict[str, int] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    # Why the main document runs no scripts, empty when it does; and what the caller's `init_js` threw in it.
    scripts_off: str = ""
    init_error: str = ""
    connections: Connections | None = None
    look: Look | None = None
    navigations_stopped: bool = False
    # The arguments of Emulation.setDeviceMetricsOverride that are in force on the page.
    device_metrics: dict[str, Any] | None = None

    async def network_quiet(self, allowed: int, quiet_ms: float, timeout_ms: float) -> bool:
        """Wait until at most `allowed` requests have been under way for `quiet_ms`.

        False after `timeout_ms`.
        """
        return await self.network.wait_quiet(allowed, quiet_ms / 1000, timeout_ms / 1000)


class PageCrashed(Exception):
    """The page's renderer died under the capture."""


class MemoryContended(Exception):
    """The browser was killed for its memory while several captures ran; which page used it is unknown."""


def is_main_document(request: Request, page: Page) -> bool:
    """Whether a request is for the main document of the page."""
    # Playwright raises for the frame of a service worker's request, which is never a navigation.
    return request.is_navigation_request() and request.frame == page.main_frame


def is_playwright(error: BaseException) -> bool:
    """Whether Playwright raised this. The module tells: only the browser package imports Playwright."""
    return type(error).__module__.startswith("playwright.")


def is_timeout(error: BaseException) -> bool:
    """Whether the error is a timeout of Playwright, of asyncio or of the deadline."""
    return isinstance(error, TimeoutError | DeadlineExceeded) or (
        is_playwright(error) and type(error).__name__ == "TimeoutError"
    )


def first_line(error: BaseException, limit: int = 300) -> str:
    """The first line of a foreign message, without the API name in front and the call log behind.

    A page may throw half a surrogate pair, which no answer could carry.
    """
    text = str(error).strip().split("\n", 1)[0].encode("utf-8", "replace").decode()
    head, colon, rest = text.partition(": ")
    if colon and "." in head and " " not in head:
        text = rest
    return text[:limit]
