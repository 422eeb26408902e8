"""HTTP requests of the service itself (webhooks), sent through the guard like the browser's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..errors import DeadlineExceeded, DestinationBlocked, NetworkError
from .authority import read_authority
from .proxy import EgressGuard, Listener
from .refusals import as_error
from .report import Budget

MAX_BYTES = 2_000_000
PORTS = {"http": 80, "https": 443}


async def guarded_post(
    guard: EgressGuard, url: str, body: bytes, headers: Mapping[str, str], timeout: float
) -> int:
    """POST `body` through the guard and return the status; redirects are not followed.

    The response body is not read. Raises `DestinationBlocked`, a `TargetUnreachable` or `DeadlineExceeded`,
    as a capture does.
    """
    try:
        parts = urlsplit(url)
        host, port = read_authority(parts.netloc, PORTS[parts.scheme])
    except (KeyError, ValueError):
        raise DestinationBlocked("A webhook must be an http or https URL without credentials.") from None
    listener = await asyncio.to_thread(guard.open_listener)
    try:
        listener.begin(Budget(bytes=MAX_BYTES, live_connections=4, connections=4, seconds=timeout))
        return await _post(listener, (host, port), url, body, headers, timeout)
    finally:
        listener.close()


async def _post(
    listener: Listener,
    destination: tuple[str, int],
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    timeout: float,
) -> int:
    import httpx  # imported here: only webhooks need it

    host, port = destination
    try:
        async with (
            asyncio.timeout(timeout),
            # trust_env=False: HTTPS_PROXY in the environment would bypass the guard.
            httpx.AsyncClient(proxy=listener.url, trust_env=False, timeout=timeout) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as response,
        ):
            status = response.status_code
            refusal = listener.refusal_in(response.headers)
    except TimeoutError as error:
        raise DeadlineExceeded("webhook") from error
    except httpx.HTTPError as error:
        raise _error(listener, host, port) or NetworkError(f"{host} could not be reached.") from error
    if refusal is not None:
        raise as_error(refusal, host) or NetworkError(f"{host} could not be reached.")
    return status


def _error(listener: Listener, host: str, port: int) -> Exception | None:
    outcome = listener.outcome(host, port)
    return as_error(outcome, host) if outcome else None
