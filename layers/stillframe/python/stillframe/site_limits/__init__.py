"""Politeness: a bounded number of captures at once of one site, over all environments that share a table.

A site is a registrable domain of the Public Suffix List: `a.example.co.uk` and `example.co.uk` are one site.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlsplit

from ..errors import CaptureError, TargetBusy
from ..settings import settings

log = logging.getLogger("stillframe")

# A place outlives its capture by this many seconds, for storing and shutdown; an environment that dies keeps
# its place no longer.
_GRACE_SECONDS = 15.0
# How long a capture without a limit of its own may hold a place.
_LONGEST_SECONDS = 900.0
# A refused capture should come back after these seconds and up to three times as many, so that many captures
# of one site do not come together.
_RETRY_SECONDS = 5


class Places(Protocol):
    """The places of each site. Both methods raise StorageUnavailable."""

    def take(self, site: str, limit: int, seconds: float) -> str | None:
        """The name of a free place, which is held for at most `seconds`; None if all are taken."""
        ...

    def free(self, place: str) -> None:
        """Free a place."""
        ...


PLACES = {
    "dynamodb": "stillframe.site_limits.dynamodb:DynamoPlaces",
    "memory": "stillframe.site_limits.memory:MemoryPlaces",
}


@cache
def configured() -> Places:
    """The places in JOBS_TABLE, or in the process without one."""
    table = settings().jobs_table
    module, _, name = PLACES["dynamodb" if table else "memory"].partition(":")
    places: Places = getattr(import_module(module), name)(table)
    return places


@asynccontextmanager
async def place(url: str | None, seconds: float | None) -> AsyncIterator[None]:
    """Hold one of MAX_PER_SITE places of the site while its page is captured, for at most `seconds`.

    Raises TargetBusy if there is none. If the table does not answer, the capture goes on without a place:
    the limit is a courtesy.
    """
    limit = settings().max_per_site
    site = await asyncio.to_thread(site_of, url) if url and limit > 0 else None
    if site is None:
        yield
        return
    held = (_LONGEST_SECONDS if seconds is None else seconds) + _GRACE_SECONDS
    try:
        taken = await asyncio.to_thread(configured().take, site, limit, held)
    except CaptureError as error:
        log.warning("no place of the site could be asked for", extra={"site": site, "code": error.code})
        yield
        return
    if taken is None:
        raise TargetBusy(
            f"{limit} captures of {site} run already (MAX_PER_SITE); try again later.",
            retry_after=_RETRY_SECONDS + secrets.randbelow(2 * _RETRY_SECONDS + 1),
        )
    try:
        yield
    finally:
        try:
            await asyncio.to_thread(configured().free, taken)
        except CaptureError as error:
            log.warning("a place of the site stays taken", extra={"site": site, "code": error.code})


def site_of(url: str) -> str | None:
    """The registrable domain of an address, or its host where there is none; None for HTML and files."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if ":" in host or host.replace(".", "").isdigit():
        return host
    return str(_suffixes().privatesuffix(host) or host)


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
