"""Serve one connection of the browser to the egress guard."""

from __future__ import annotations

import asyncio

import h11

from .dial import Connection, dial
from .forward import Forwarder
from .framing import MARK_HEADER, read_head, read_request
from .report import Refusal
from .session import READ_SIZE, Session
from .tunnel import splice

# Seconds for the browser to read a refusal.
_REFUSE_SECONDS = 5.0


async def serve_requests(session: Session, client: Connection) -> None:
    """Serve the requests of one client connection; the policy is applied to each."""
    forwarder = Forwarder(session, client)
    try:
        while True:
            raw = await read_head(client.reader)
            if raw is None:
                return
            http = h11.Connection(h11.SERVER, max_incomplete_event_size=READ_SIZE)
            head = read_request(http, raw)
            if head.is_connect:
                await _tunnel(session, client, head.host, head.port)
                return
            if not await forwarder.forward(http, head):
                return
    finally:
        forwarder.close()


async def _tunnel(session: Session, client: Connection, host: str, port: int) -> None:
    origin = await dial(session, host, port)
    try:
        client.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await splice(session, client, origin)
    finally:
        origin.abort()


async def refuse(client: Connection, refusal: Refusal, mark: str) -> None:
    """Send an error response that the browser does not cache, with kind and reason but no other detail."""
    phrase = {403: "Forbidden", 502: "Bad Gateway", 504: "Gateway Timeout"}[refusal.status]
    outcome = refusal.outcome
    client.writer.write(
        f"HTTP/1.1 {refusal.status} {phrase}\r\n"
        f"{MARK_HEADER}: {mark}; {outcome.kind}; reason={outcome.reason}\r\n"
        "Cache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("ascii")
    )
    async with asyncio.timeout(_REFUSE_SECONDS):
        await client.writer.drain()
        client.writer.close()
        await client.writer.wait_closed()
