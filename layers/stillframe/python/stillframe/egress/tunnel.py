"""Relay bytes in both directions, and count them, until a side closes or the capture ends."""

from __future__ import annotations

import asyncio

from .dial import Connection
from .report import Refusal
from .session import Session


async def splice(session: Session, client: Connection, origin: Connection) -> None:
    """Copy both directions until both are closed or one connection is lost.

    Uses `BufferedProtocol` instead of streams: most traffic is TLS in tunnels, and waking a task for each
    read costs about as much as relaying the bytes (tests/bench/bench_guard.py measures the guard).
    """
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    upward = _Relay(session, client.transport, origin.transport, ended, outgoing=True)
    downward = _Relay(session, origin.transport, client.transport, ended, outgoing=False)
    upward.other, downward.other = downward, upward
    for relay, source in ((upward, client), (downward, origin)):
        await relay.take_over(source)
    try:
        await ended
    finally:
        origin.abort()
        client.close()


class _Relay(asyncio.BufferedProtocol):
    """One direction: writes what `source` receives to `sink`, with back-pressure."""

    other: _Relay

    def __init__(
        self,
        session: Session,
        source: asyncio.Transport,
        sink: asyncio.Transport,
        ended: asyncio.Future[None],
        *,
        outgoing: bool,
    ) -> None:
        self._session = session
        self._source = source
        self._sink = sink
        self._ended = ended
        self._outgoing = outgoing
        self._finished = False

    async def take_over(self, connection: Connection) -> None:
        """Replace the connection's stream protocol, starting with the bytes that its reader has buffered."""
        buffered, at_eof = await connection.reader.read_buffered()
        self._source.set_protocol(self)
        if buffered:
            self._forward(buffered)
        if at_eof:
            self.eof_received()
        else:
            self._source.resume_reading()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._session.buffer

    def buffer_updated(self, count: int) -> None:
        # Copied: the transport keeps a reference to unsent data, and the next read overwrites the buffer.
        self._forward(bytes(self._session.buffer[:count]))

    def _forward(self, data: bytes) -> None:
        try:
            if self._outgoing:
                self._session.count(sent=len(data))
            else:
                self._session.count(received=len(data))
        except Refusal:
            self._source.abort()
            self._sink.abort()
        else:
            self._sink.write(data)

    def eof_received(self) -> bool:
        self._finished = True
        if self._sink.can_write_eof() and not self._sink.is_closing():
            self._sink.write_eof()
        if self.other._finished:
            self._end()
        return True  # keeps the transport open for the other direction

    def pause_writing(self) -> None:
        # asyncio calls this when writes to our source back up: pause the opposite relay, which causes them.
        self.other._source.pause_reading()

    def resume_writing(self) -> None:
        self.other._source.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
