"""Stop what keeps a page from coming to rest: requests without an answer, and navigations without end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from .assets import call_page_script
from .session import PageSession

# Seconds without a byte after which the open requests count as stalled.
_SILENCE = 1.0
# Chromium sends a request again when it loses a connection that it had reused.
_ATTEMPTS = 3
_TICK = 0.1


async def abort_stalled_requests(session: PageSession, cap_ms: float) -> None:
    """Abort the open requests when no byte has come for a second, at the latest after `cap_ms`."""
    network, connections = session.network, session.connections
    stalled = network.inflight
    if connections is None or not stalled:
        return
    now = time.monotonic()
    end, received, since = now + cap_ms / 1000, connections.received, now
    while now < end and now - since < _SILENCE:
        await asyncio.sleep(_TICK)
        now = time.monotonic()
        if connections.received != received:
            received, since = connections.received, now
    for _ in range(_ATTEMPTS):
        if not network.inflight:
            break
        await asyncio.to_thread(connections.abort_connections)
        await network.wait_quiet(0, _TICK, 3 * _TICK)
    session.report.warn(
        "requests_aborted",
        f"Requests without an answer kept the page from being drawn and were aborted: {stalled}.",
    )


async def stop_navigations(session: PageSession) -> None:
    """Refuse every later navigation of the page, which keeps the document that it shows.

    An aborted request leaves the document in place: https://fetch.spec.whatwg.org/#concept-network-error
    """
    if session.navigations_stopped:
        return
    session.navigations_stopped = True
    # A session of its own, because `Fetch.enable` replaces the patterns of an earlier call.
    cdp = await session.page.context.new_cdp_session(session.page)
    tree = await cdp.send("Page.getFrameTree")
    main_frame = tree["frameTree"]["frame"]["id"]
    tasks: set[asyncio.Task[None]] = set()

    async def decide(event: dict[str, Any]) -> None:
        # The page may be closed meanwhile, and then there is nothing to answer.
        with contextlib.suppress(Exception):
            paused = {"requestId": event["requestId"]}
            if event["frameId"] == main_frame:
                await cdp.send("Fetch.failRequest", {**paused, "errorReason": "Aborted"})
            else:
                await cdp.send("Fetch.continueRequest", paused)

    def paused(event: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(decide(event))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    cdp.on("Fetch.requestPaused", paused)
    pattern = {"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}
    await cdp.send("Fetch.enable", {"patterns": [pattern]})
    session.report.warn(
        "navigation_stopped", "The page kept navigating; it was captured after its last document had come."
    )


async def cancel_navigation(session: PageSession) -> None:
    """Cancel a navigation whose document has not come, so that the page keeps the one that it shows."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_SILENCE):
            await session.cdp.send("Page.stopLoading")
    session.report.warn("navigation_stopped", "A navigation did not finish before the page was captured.")


async def draw_anew(session: PageSession) -> None:
    """Set the document's own content again, without its scripts, which would cut it short again.

    Chromium draws no frame of a document whose parsing was cancelled before its body.

    tests/e2e/test_settle.py shows it on the page `reload_inline`.
    """
    async with asyncio.timeout(2 * _SILENCE):
        content = await call_page_script(session, "steps/assets/without_scripts.js") or ""
        anew = {"frameId": session.frame_id, "html": f"{content}<body>"}
        await session.cdp.send("Page.setDocumentContent", anew)
    session.report.warn("page_redrawn", "The page drew nothing, so its content was set again.")
