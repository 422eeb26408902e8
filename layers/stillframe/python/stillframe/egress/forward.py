"""One plain-HTTP request to its vetted origin and the answer back, streamed and framed anew."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum, auto

import h11

from .dial import Connection, dial
from .framing import Head, client_response, upstream_request
from .report import Refusal, failed
from .session import READ_SIZE, Session
from .tunnel import splice


class _NoAnswer(Exception):
    """The origin closed before the first byte of its answer."""


class _End(Enum):
    """What may follow an answer."""

    REQUEST = auto()
    TUNNEL = auto()
    NOTHING = auto()


@dataclass(slots=True)
class Origin:
    """The connection to one origin, kept for the next request of the same client to the same place."""

    place: tuple[str, int]
    connection: Connection
    kept: bool = False
    http: h11.Connection = field(
        default_factory=lambda: h11.Connection(h11.CLIENT, max_incomplete_event_size=READ_SIZE)
    )

    def ready_again(self) -> bool:
        """Whether another request may follow on this connection."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        if self.http.trailing_data[0]:
            return False  # bytes nobody asked for would answer the next request
        self.http.start_next_cycle()
        self.kept = True
        return True


class Forwarder:
    """The plain-HTTP side of one client connection."""

    def __init__(self, session: Session, client: Connection) -> None:
        self._session = session
        self._client = client
        self._origin: Origin | None = None

    async def forward(self, http: h11.Connection, head: Head) -> bool:
        """Carry one exchange; True when the client may send another request on its connection."""
        if not head.has_body:
            http.next_event()  # the end of a message without a body
        while True:
            origin = await self._reach(head)
            try:
                end = await self._exchange(http, head, origin)
                break
            except _NoAnswer:
                self.close()
                # A kept connection may be closed by the origin as we write; that is not an answer.
                if origin.kept and not head.has_body:
                    continue
                refusal = failed("empty_response")
                self._session.note(head.host, head.port, refusal.outcome)
                raise refusal from None
        if end is _End.TUNNEL:
            await splice(self._session, self._client, origin.connection)
        if end is not _End.REQUEST or not origin.ready_again():
            self.close()
        reusable = http.our_state is h11.DONE and http.their_state is h11.DONE
        return end is _End.REQUEST and reusable and not http.trailing_data[0]

    def close(self) -> None:
        """Drop the kept origin."""
        if self._origin is not None:
            self._origin.connection.abort()
            self._origin = None

    async def _reach(self, head: Head) -> Origin:
        place = (head.host, head.port)
        kept = self._origin
        if kept is not None and kept.place == place and not kept.connection.reader.at_eof():
            await self._session.vet(*place)  # every request is judged, also on a kept connection
            return kept
        self.close()
        self._origin = Origin(place, await dial(self._session, *place))
        return self._origin

    async def _exchange(self, http: h11.Connection, head: Head, origin: Origin) -> _End:
        # A client that leaves will not take the answer: let the origin go, so that nobody waits for it.
        with self._client.reader.on_eof(origin.connection.abort):
            if not head.has_body:
                with contextlib.suppress(OSError):
                    await self._send(origin, upstream_request(head), h11.EndOfMessage())
                return await self._answer(http, origin)
            body = asyncio.create_task(self._send_body(http, head, origin))
            try:
                return await self._answer(http, origin)
            finally:
                body.cancel()
                await asyncio.wait([body])

    async def _send_body(self, http: h11.Connection, head: Head, origin: Origin) -> None:
        try:
            await self._send(origin, upstream_request(head))
            async for event in _events(http, self._client.reader):
                await self._send(origin, event)
        except (OSError, h11.ProtocolError, Refusal):
            # An unfinished request must not look like a finished one.
            origin.connection.abort()

    async def _send(self, origin: Origin, *events: h11.Event) -> None:
        if data := b"".join(origin.http.send(event) or b"" for event in events):
            self._session.count(sent=len(data))
            origin.connection.writer.write(data)
            await origin.connection.writer.drain()

    async def _answer(self, http: h11.Connection, origin: Origin) -> _End:
        """Copy the response as it comes."""
        started = False
        reader, out = origin.connection.reader, bytearray()
        try:
            while True:
                event = origin.http.next_event()
                if event is h11.NEED_DATA:
                    await self._flush(out)  # once for all that one read brought
                    data = await reader.read(READ_SIZE)
                    self._session.count(received=len(data))
                    origin.http.receive_data(data)
                elif isinstance(event, h11.InformationalResponse):
                    if event.status_code == 101:
                        out += _switching(event) + origin.http.trailing_data[0]
                        await self._flush(out)
                        return _End.TUNNEL
                elif isinstance(event, h11.Response):
                    started = True
                    out += http.send(client_response(event)) or b""
                elif isinstance(event, h11.Data):
                    out += http.send(event) or b""
                elif isinstance(event, h11.EndOfMessage):
                    out += http.send(event) or b""
                    await self._flush(out)
                    return _End.REQUEST
                else:
                    break  # closed, or more than one answer
        except (OSError, h11.ProtocolError):
            pass
        except Refusal:
            if started:
                self._client.abort()  # the refusal's own answer must not become the rest of this one
            raise
        if not started:
            raise _NoAnswer
        self._client.abort()  # the client must see a broken answer as broken, never as complete
        return _End.NOTHING

    async def _flush(self, out: bytearray) -> None:
        if out:
            self._client.writer.write(bytes(out))
            out.clear()
            await self._client.writer.drain()


def _switching(event: h11.InformationalResponse) -> bytes:
    fields = b"".join(b"%s: %s\r\n" % item for item in event.headers.raw_items())
    return b"HTTP/1.1 101 Switching Protocols\r\n" + fields + b"\r\n"


async def _events(http: h11.Connection, reader: asyncio.StreamReader) -> AsyncIterator[h11.Event]:
    """The parts of a request's body and its end."""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(READ_SIZE))
        elif isinstance(event, h11.Data | h11.EndOfMessage):
            yield event
            if isinstance(event, h11.EndOfMessage):
                return
        else:
            return
