"""What the browser reports of the main document while it arrives: the response, a download, a cut."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ..errors import CaptureError, EmptyResponse, NetworkError, NotRenderable
from ..page.session import is_main_document
from ..result import CaptureReport

if TYPE_CHECKING:
    from playwright.async_api import Download, Page, Request, Response

_MAX_KIND = 100
_UNDECODABLE = "ERR_CONTENT_DECODING_FAILED"


class Arrival:
    """Follows the main document of one navigation; make it before the navigation starts."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.status: int | None = None
        self.content_type = ""
        self.is_download = False
        self.failure = ""
        self._finished = False
        self._cut = asyncio.Event()
        page.on("response", self._responded)
        page.on("download", self._downloaded)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._failed)

    def _responded(self, response: Response) -> None:
        if is_main_document(response.request, self._page):
            self.status, self._finished = response.status, False
            self.content_type = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()

    def _downloaded(self, _: Download) -> None:
        self.is_download = True

    def _ended(self, request: Request) -> None:
        if is_main_document(request, self._page):
            self._finished = True

    def _failed(self, request: Request) -> None:
        # A navigation that another one replaces is aborted.
        if is_main_document(request, self._page) and "ERR_ABORTED" not in (request.failure or ""):
            self.failure = request.failure or "failed"
            self._cut.set()

    def error(self, error: Exception) -> CaptureError | None:
        """The error for a navigation that ended without a document, when its response explains it."""
        text = str(error)
        if self.is_download or "Download is starting" in text:
            kind = self.content_type[:_MAX_KIND] if self.content_type.isprintable() else ""
            return NotRenderable(
                f"The target is a download{f' ({kind})' if kind else ''}, not a page.",
                details=[{"field": "url", "content_type": kind}],
            )
        if "ERR_ABORTED" in text and self.status in (204, 205):
            return NotRenderable(f"The target responded with status {self.status}, which has no content.")
        if "ERR_HTTP_RESPONSE_CODE_FAILURE" in text and self.status is not None:
            return EmptyResponse(f"The target responded with status {self.status} and no content.")
        return None

    async def until(self, waiting: Coroutine[Any, Any, None]) -> None:
        """Wait, but no longer than until the document is cut: then the page never finishes loading."""
        tasks = asyncio.ensure_future(waiting), asyncio.ensure_future(self._cut.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                tasks[0].result()
        finally:
            for task in tasks:
                task.cancel()

    def report_cut(self, report: CaptureReport) -> None:
        """Warn of a document that ended early: the page is captured as far as it came.

        Raises NetworkError for one that cannot be decoded: Chromium never paints it.
        """
        if _UNDECODABLE in self.failure:
            raise NetworkError("The target's response does not match its Content-Encoding.")
        if self.failure:
            report.warn("target_cut", "The target's response ended before the end of the page.")

    def warn_of_delay(self, report: CaptureReport, state: str, milliseconds: float) -> None:
        """Record that the page did not load in time, with the reason when it is the document itself."""
        if self.status is not None and not self._finished:
            message = f"The target's response was not complete after {milliseconds:.0f} ms."
        else:
            message = f"The page did not reach '{state}' within {milliseconds:.0f} ms."
        report.warn("load_timeout", message)
