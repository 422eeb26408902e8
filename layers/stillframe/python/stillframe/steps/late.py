"""A page that does not finish loading: endless navigations, and requests without an answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from ..page.assets import call_page_script
from ..page.session import PageSession, is_playwright, is_timeout
from ..page.stopping import abort_stalled_requests, stop_navigations

# Documents, without redirects, that a page may go through until it has loaded.
_MAX_DOCUMENTS = 8
_TICK = 0.5
# Milliseconds for a look at the page, and for each part of going on without requests that do not end.
_LOOK_MS = 1_500
_ABORT_MS = 2_000


async def unless_it_navigates_forever(session: PageSession, loading: Coroutine[Any, Any, None]) -> None:
    """Await a load state; a page that keeps replacing its document has to keep one of them."""
    waiting = asyncio.ensure_future(loading)
    try:
        while not (await asyncio.wait([waiting], timeout=_TICK))[0]:
            if session.network.documents > _MAX_DOCUMENTS:
                await stop_navigations(session)
                # The last document may never load: a navigation ends the parsing of the one that starts it.
                await asyncio.wait([waiting], timeout=session.deadline.share(0.1, _LOOK_MS) / 1000)
                if not waiting.done():
                    raise TimeoutError
        await waiting
    finally:
        waiting.cancel()


async def draw_without_what_is_late(session: PageSession) -> None:
    """Abort stalled requests when the page waits for one of them to be parsed or drawn."""
    look = call_page_script(session, "steps/assets/is_drawn.js")
    try:
        found = await session.deadline.run(look, "load", _LOOK_MS)
    except Exception as error:
        # A script that blocks the page is dealt with when the page settles.
        if session.page.is_closed() or not (is_timeout(error) or is_playwright(error)):
            raise
        return
    if found is not False:
        return
    await abort_stalled_requests(session, session.deadline.share(0.2, _ABORT_MS))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(session.deadline.share(0.2, _ABORT_MS) / 1000):
            await session.page.wait_for_load_state("domcontentloaded")
