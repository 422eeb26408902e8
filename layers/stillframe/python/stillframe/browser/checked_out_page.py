"""The page that one attempt has checked out, and what is observed of it meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..egress import Listener, Outcome, as_error
from ..errors import CaptureError
from ..page.session import PageSession, is_main_document
from ..steps.viewport import worth_preparing
from .launch import BrowserInstance
from .slots import Slot

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Page, Request, Response

# A response body that the page never reads never finishes. It counts as traffic for this many seconds.
_UNREAD_BODY_SECONDS = 1.0
_MAX_CONSOLE_ERRORS = 50
# A page that logs without end would fill the loop; after so many messages the driver stops sending them.
_MAX_CONSOLE_MESSAGES = 500
_MAX_TEXT = 500
_MAX_URL = 8192
# Requests that have no end, or whose end nothing in the page waits for.
_ENDLESS = frozenset({"eventsource", "websocket", "media", "ping", "prefetch", "other"})
# What a page that takes its own request back, or this service, makes of it.
_NOT_FAILED = ("ERR_ABORTED", "ERR_BLOCKED_BY_CLIENT")
_REFUSED = "refused by the egress guard"

_NO_SCRIPTS = "the page's Content-Security-Policy forbids every script (sandbox)"


def forbids_scripts(policy: str) -> bool:
    """Whether a Content-Security-Policy header, also of several policies, sandboxes the page's scripts."""
    for directive in re.split("[;,\n]", policy.lower()):
        name, *words = directive.split() or [""]
        if name == "sandbox" and "allow-scripts" not in words:
            return True
    return False


class MainDocument:
    """The last main document that the page asked for, and whether it came from its target."""

    def __init__(self, url: str | None = None, request: Request | None = None) -> None:
        self.url = url
        self.request = request
        self.failed = False
        self.arrived = False
        self.status: int | None = None
        # The one that the page shows as long as this one has not come.
        self.shown: MainDocument | None = None
        # Set when the guard itself answered, which only an answer with this capture's mark can claim.
        self.refusal: Outcome | None = None


class CheckedOutPage:
    """A page with its session, and the browser, slot and listener that it uses."""

    def __init__(
        self, session: PageSession, instance: BrowserInstance, slot: Slot, listener: Listener
    ) -> None:
        self.session, self.instance, self.slot, self.listener = session, instance, slot, listener
        self.document = MainDocument()
        self.task: asyncio.Task[Any] | None = None
        self.crashed = False
        self.running: set[Request] = set()
        self.finished = False

    def finish(self) -> None:
        """List the requests that have no answer yet; those that the release ends are not failures."""
        self.finished = True
        for request in self.running:
            if request.resource_type not in _ENDLESS:
                self.session.report.pending.add(request.url, request.resource_type, "pending")

    def crash(self) -> None:
        """Cancel the attempt: a page whose renderer has died never answers what the attempt waits for."""
        if self.task is not None and not self.crashed:
            self.crashed = True
            self.task.cancel()

    def prepare_next(self) -> None:
        """Start to make the page of the next capture."""
        self.slot.prepare(self.instance, worth_preparing(self.session.device_metrics))

    def network_error(self) -> CaptureError | None:
        """The error of the last main document: denied or unreachable; None when its target answered.

        The guard remembers outcomes by host. An image of the same host that failed does not make the page
        fail.
        """
        document = self.document
        if document.url is None or not (document.failed or document.refusal):
            return None
        parts = urlsplit(document.url)
        host = parts.hostname or document.url
        if document.refusal is not None:
            return as_error(document.refusal, host)
        if not parts.hostname:
            return None
        port = parts.port or (443 if parts.scheme == "https" else 80)
        outcome = self.listener.outcome(parts.hostname, port)
        return as_error(outcome, parts.hostname) if outcome else None


def observe(checkout: CheckedOutPage, page: Page) -> None:
    """Count requests, follow the main document, collect errors, and close every pop-up."""
    network, report = checkout.session.network, checkout.session.report

    running = checkout.running
    faulty: set[Request] = set()

    def count_failure(request: Request, reason: str) -> None:
        if request not in faulty and not checkout.finished:
            faulty.add(request)
            report.failed_requests.add(request.url, request.resource_type, reason)

    trace = report.trace

    def requested(request: Request) -> None:
        running.add(request)
        if trace is not None:
            trace.requested(request, request.url, request.resource_type)
        network.started()
        if is_main_document(request, page):
            before, checkout.document = checkout.document, MainDocument(request.url[:_MAX_URL], request)
            checkout.document.shown = before if before.arrived else before.shown
            before.shown = None
            network.documents += request.redirected_from is None
            network.navigating = True
            # The time until the target's first answer is free for the next capture's page.
            checkout.prepare_next()

    def answered(response: Response) -> None:
        refusal = checkout.listener.refusal_in(response.headers)
        if trace is not None:
            trace.answered(response.request, response.status)
        if is_main_document(response.request, page):
            document = checkout.document
            document.refusal, document.arrived, document.status = refusal, True, response.status
            policy = response.headers.get("content-security-policy", "")
            if checkout.session.scripts_off in ("", _NO_SCRIPTS):
                checkout.session.scripts_off = _NO_SCRIPTS if forbids_scripts(policy) else ""
        elif refusal:
            count_failure(response.request, _REFUSED)
        elif response.status >= 400:
            count_failure(response.request, f"HTTP status {response.status}")
        if response.request.resource_type in ("fetch", "xhr"):
            asyncio.get_running_loop().call_later(_UNREAD_BODY_SECONDS, ended, response.request)

    def ended(request: Request) -> None:
        if trace is not None:
            trace.ended(request)
        if request in running:
            running.discard(request)
            network.ended()
            if is_main_document(request, page):
                # A later navigation aborts the request of an earlier one.
                network.navigating = any(is_main_document(other, page) for other in running)

    def failed(request: Request) -> None:
        ended(request)
        if is_main_document(request, page):
            document = checkout.document
            if "ERR_ABORTED" in (request.failure or "") and document.shown:
                # The page keeps its document, unless another navigation has replaced this one already.
                if document.request == request:
                    checkout.document = document.shown
            else:
                document.failed = True
        reason = request.failure or "failed"
        if trace is not None:
            trace.ended(request, reason)
        if not any(word in reason for word in _NOT_FAILED):
            count_failure(request, reason)

    # The event loop holds only weak references to tasks.
    closings: set[asyncio.Task[None]] = set()

    def closing(popup: Page) -> None:
        task = asyncio.get_running_loop().create_task(_close_quietly(popup))
        closings.add(task)
        task.add_done_callback(closings.discard)

    messages = 0

    def logged(message: ConsoleMessage) -> None:
        nonlocal messages
        messages += 1
        if trace is not None:
            trace.logged(message.type, message.text)
        if message.type == "error":
            report.console.append(message.text[:_MAX_TEXT])
        if len(report.console) >= _MAX_CONSOLE_ERRORS or messages >= _MAX_CONSOLE_MESSAGES:
            page.remove_listener("console", logged)

    page.on("crash", lambda _: checkout.crash())
    page.on("request", requested)
    page.on("response", answered)
    page.on("requestfinished", ended)
    page.on("requestfailed", failed)
    page.on("websocket", lambda _: setattr(network, "websockets", network.websockets + 1))
    page.on("console", logged)
    page.on(
        "pageerror",
        lambda error: (
            report.console.append(str(error)[:_MAX_TEXT])
            if len(report.console) < _MAX_CONSOLE_ERRORS
            else None
        ),
    )
    page.on("popup", closing)


async def _close_quietly(page: Page) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1):
            await page.close(run_before_unload=False)
