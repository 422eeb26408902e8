"""Forward plain-HTTP requests to their vetted origin and stream the responses back, both framed anew."""

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
from .response_head import MAX_HEAD, HeadNotValid, end_of_head, end_of_stream, rewrite
from .session import READ_SIZE, Session
from .tunnel import splice


class _NoResponse(Exception):
    """The origin sent no head of a response."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _End(Enum):
    """The input that may follow a response on the client's connection."""

    REQUEST = auto()
    TUNNEL = auto()
    NOTHING = auto()


@dataclass(slots=True)
class Origin:
    """The connection to one origin, reused for the client's next request to the same host and port."""

    destination: tuple[str, int]
    connection: Connection
    reused: bool = False
    http: h11.Connection = field(
        default_factory=lambda: h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    )
    # Bytes that were received behind a head; h11 gets them when they are known to be a body.
    behind: bytearray = field(default_factory=bytearray)

    def start_next_request(self) -> bool:
        """Prepare the connection for another request; False if it cannot be reused."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        if self.behind or self.http.trailing_data[0]:
            return False  # unrequested bytes would be read as the next response
        self.http.start_next_cycle()
        self.reused = True
        return True

    async def receive(self, session: Session) -> None:
        """Give h11 the next head, in strict form, or the next part of a body. Raises HeadNotValid."""
        if self.http.their_state is not h11.SEND_RESPONSE:
            data = bytes(self.behind) or await self._read(session)
            self.behind.clear()
            self.http.receive_data(data)
            return
        searched = 0
        while not (end := end_of_head(self.behind, searched)):
            searched = len(self.behind)
            try:
                data = await self._read(session)
            except OSError:
                data = b""
            if not data:
                raise end_of_stream(self.behind)
            self.behind += data
        self.http.receive_data(rewrite(bytes(self.behind[:end])))
        del self.behind[:end]

    async def _read(self, session: Session) -> bytes:
        data = await self.connection.reader.read(READ_SIZE)
        session.count(received=len(data))
        return data


class Forwarder:
    """The plain-HTTP side of one client connection."""

    def __init__(self, session: Session, client: Connection) -> None:
        self._session = session
        self._client = client
        self._origin: Origin | None = None

    async def forward(self, http: h11.Connection, head: Head) -> bool:
        """Forward one request; True when the client may send another one on its connection."""
        if not head.has_body:
            http.next_event()  # h11 emits EndOfMessage also without a body
        while True:
            origin = await self._reach(head)
            try:
                end = await self._exchange(http, head, origin)
                break
            except _NoResponse as error:
                self.close()
                # RFC 9112, section 9.5: an origin may close an idle connection while a request is under way.
                if error.reason == "empty_response" and origin.reused and not head.has_body:
                    continue
                refusal = failed(error.reason)
                self._session.record(head.host, head.port, refusal.outcome)
                raise refusal from None
        if end is _End.TUNNEL:
            await splice(self._session, self._client, origin.connection)
        if end is not _End.REQUEST or not origin.start_next_request():
            self.close()
        reusable = http.our_state is h11.DONE and http.their_state is h11.DONE
        return end is _End.REQUEST and reusable and not http.trailing_data[0]

    def close(self) -> None:
        """Abort the connection to the origin."""
        if self._origin is not None:
            self._origin.connection.abort()
            self._origin = None

    async def _reach(self, head: Head) -> Origin:
        destination = (head.host, head.port)
        current = self._origin
        if (
            current is not None
            and current.destination == destination
            and not current.connection.reader.at_eof()
        ):
            await self._session.vet(*destination)  # a reused connection exempts no request from the policy
            return current
        self.close()
        self._origin = Origin(destination, await dial(self._session, *destination))
        return self._origin

    async def _exchange(self, http: h11.Connection, head: Head, origin: Origin) -> _End:
        # If the client disconnects, aborting the origin ends the wait for a response nobody reads.
        with self._client.reader.on_eof(origin.connection.abort):
            if not head.has_body:
                with contextlib.suppress(OSError):
                    await self._send(origin, upstream_request(head), h11.EndOfMessage())
                return await self._stream_response(http, origin)
            body = asyncio.create_task(self._send_body(http, head, origin))
            try:
                return await self._stream_response(http, origin)
            finally:
                body.cancel()
                await asyncio.wait([body])

    async def _send_body(self, http: h11.Connection, head: Head, origin: Origin) -> None:
        try:
            await self._send(origin, upstream_request(head))
            async for event in _events(http, self._client.reader):
                await self._send(origin, event)
        except (OSError, h11.ProtocolError, Refusal):
            # Abort, not close: the origin must not take a truncated request for a complete one.
            origin.connection.abort()

    async def _send(self, origin: Origin, *events: h11.Event) -> None:
        if data := b"".join(origin.http.send(event) or b"" for event in events):
            self._session.count(sent=len(data))
            origin.connection.writer.write(data)
            await origin.connection.writer.drain()

    async def _stream_response(self, http: h11.Connection, origin: Origin) -> _End:
        """Stream the response to the client. Raises `_NoResponse` or `Refusal` before its first byte."""
        started, reason = False, "empty_response"
        out = bytearray()
        try:
            while True:
                event = origin.http.next_event()
                if event is h11.NEED_DATA:
                    await self._flush(out)  # one write for everything that one read returned
                    await origin.receive(self._session)
                elif isinstance(event, h11.InformationalResponse):
                    if event.status_code == 101:
                        out += _switching(event) + origin.behind
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
                    break  # ConnectionClosed or PAUSED: the response will not become complete
        except HeadNotValid as error:
            reason = error.reason
        except h11.ProtocolError:
            reason = "not_http"
        except OSError:
            pass
        except Refusal:
            if started:
                self._client.abort()  # the refusal's response would be read as part of this body
            raise
        if not started:
            raise _NoResponse(reason)
        with contextlib.suppress(OSError):
            await self._flush(out)
        await self._client.finish()  # the framing shows the client that the response is cut
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
    """The Data events of a request's body, then EndOfMessage."""
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
