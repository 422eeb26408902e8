"""Carrying bytes both ways, counted, until either side or the capture ends."""

from __future__ import annotations

import asyncio

from .dial import Connection
from .report import Refusal
from .session import Session


async def splice(session: Session, client: Connection, origin: Connection) -> None:
    """Copy both directions until both have ended, or one connection is lost.

    The streams' tasks are left for bare protocols here: most traffic is TLS in tunnels, and a task that
    wakes for each piece would double the price of carrying it.
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
        client.abort_unless_flushing()


class _Relay(asyncio.BufferedProtocol):
    """One direction: what `source` receives is written to `sink`, and no faster than `sink` takes it."""

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
        """Become the receiver of a connection, beginning with what its reader still holds."""
        held, at_end = await connection.reader.take()
        self._source.set_protocol(self)
        if held:
            self._pass_on(held)
        if at_end:
            self.eof_received()
        else:
            self._source.resume_reading()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._session.buffer

    def buffer_updated(self, count: int) -> None:
        # A copy: the transport keeps what it cannot send at once, and the next read reuses the buffer.
        self._pass_on(bytes(self._session.buffer[:count]))

    def _pass_on(self, data: bytes) -> None:
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
        return True  # the other direction may go on

    def pause_writing(self) -> None:
        # Called for our source's own full send buffer: what fills it is the other direction.
        self.other._source.pause_reading()

    def resume_writing(self) -> None:
        self.other._source.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
