"""Connecting: only to addresses that were vetted in this very step."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from .report import Outcome, Refusal, failed
from .session import READ_SIZE, Session
from .upstream import Upstream

CONNECT_SECONDS = 5.0
MAX_TRIES = 4
MAX_HEAD = 65_536
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class Reader(asyncio.StreamReader):
    """A reader that says at once when the other side has gone, and that can be emptied without waiting."""

    _left: Callable[[], None] | None = None
    _ended = False

    def feed_eof(self) -> None:
        super().feed_eof()
        self._ended = True
        if self._left is not None:
            self._left()

    @contextlib.contextmanager
    def on_eof(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` when the other side leaves within this block."""
        self._left = callback
        try:
            yield
        finally:
            self._left = None

    async def take(self) -> tuple[bytes, bool]:
        """What is held, and whether nothing will follow; for whoever receives in this reader's place from now on."""
        super().feed_eof()  # so that reading ends with what is there
        return await self.read(), self._ended


@dataclass(slots=True)
class Connection:
    """The two halves of an open stream."""

    reader: Reader
    writer: asyncio.StreamWriter

    @property
    def transport(self) -> asyncio.Transport:
        return cast(asyncio.Transport, self.writer.transport)

    def abort(self) -> None:
        """Close at once, losing what is buffered."""
        self.writer.transport.abort()

    def abort_unless_flushing(self) -> None:
        """Close, letting what is buffered leave first."""
        self.writer.transport.close()


async def dial(session: Session, host: str, port: int) -> Connection:
    """An open connection to a vetted address of `host`; raises `Refusal`, recorded in the session."""
    session.spend_connection(host, port)
    addresses = await session.vet(host, port)
    try:
        if session.upstream is None:
            connection = await _connect(addresses, port)
        else:
            connection = await _connect_through(session, session.upstream, addresses, port)
    except Refusal as refusal:
        session.note(host, port, refusal.outcome)
        raise
    session.note(host, port, Outcome("allowed", "connected"))
    return connection


async def _connect(
    addresses: tuple[str, ...], port: int, tls: ssl.SSLContext | None = None, name: str | None = None
) -> Connection:
    reason = "network_error"
    for address in addresses[:MAX_TRIES]:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await _open(address, port, tls, name)
        except TimeoutError:
            reason = "timeout"
        except OSError as error:
            reason = _reason(error)
    raise failed(reason)


async def _open(address: str, port: int, tls: ssl.SSLContext | None, name: str | None) -> Connection:
    loop = asyncio.get_running_loop()
    reader = Reader(limit=READ_SIZE, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(
        lambda: protocol, address, port, ssl=tls, server_hostname=name
    )
    return Connection(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


async def _connect_through(
    session: Session, upstream: Upstream, addresses: tuple[str, ...], port: int
) -> Connection:
    try:
        hops = await session.resolve_and_check(upstream.host, upstream.port, upstream.policy(session.policy))
    except Refusal as refusal:
        if refusal.outcome.kind == "failed":
            raise failed("upstream_unreachable") from None
        raise
    tls = ssl.create_default_context() if upstream.scheme == "https" else None
    try:
        connection = await _connect(hops, upstream.port, tls, upstream.host if tls else None)
    except Refusal:
        raise failed("upstream_unreachable") from None
    try:
        async with asyncio.timeout(CONNECT_SECONDS * 2):
            connection.writer.write(upstream.connect(addresses[0], port))
            head = await connection.reader.readuntil(b"\r\n\r\n")
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        connection.abort()
        raise failed("upstream_unreachable") from None
    except BaseException:
        connection.abort()
        raise
    if head.split(b" ", 2)[1:2] != [b"200"]:
        connection.abort()
        raise failed("upstream_refused")
    return connection


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection_refused"
    if isinstance(error, ssl.SSLError):
        return "ssl_error"
    return "address_unreachable" if error.errno in _UNREACHABLE else "network_error"
