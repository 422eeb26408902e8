"""Open connections, only to addresses that were vetted for this connection."""

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
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class Reader(asyncio.StreamReader):
    """A stream reader that reports EOF at once and whose buffer can be read without waiting."""

    _eof_callback: Callable[[], None] | None = None
    _received_eof = False

    def feed_eof(self) -> None:
        super().feed_eof()
        self._received_eof = True
        if self._eof_callback is not None:
            self._eof_callback()

    @contextlib.contextmanager
    def on_eof(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` if the peer closes its side within this block."""
        self._eof_callback = callback
        try:
            yield
        finally:
            self._eof_callback = None

    async def read_buffered(self) -> tuple[bytes, bool]:
        """The buffered bytes, and whether the peer has closed its side; the reader is unusable afterwards."""
        super().feed_eof()  # makes read() return the buffer instead of waiting for more
        return await self.read(), self._received_eof


@dataclass(slots=True)
class Connection:
    """Reader and writer of an open stream."""

    reader: Reader
    writer: asyncio.StreamWriter

    @property
    def transport(self) -> asyncio.Transport:
        return cast(asyncio.Transport, self.writer.transport)

    def abort(self) -> None:
        """Close at once; unsent data is lost."""
        self.writer.transport.abort()

    def close(self) -> None:
        """Close after unsent data has been sent."""
        self.writer.transport.close()

    async def finish(self) -> None:
        """Send the unsent data and close, within a few seconds."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CONNECT_SECONDS):
                self.writer.close()
                await self.writer.wait_closed()


async def dial(session: Session, host: str, port: int) -> Connection:
    """Connect to a vetted address of `host`. Raises `Refusal`, which the session has recorded."""
    session.count_connection(host, port)
    addresses = await session.vet(host, port)
    try:
        if session.upstream is None:
            connection = await _connect(addresses, port)
        else:
            connection = await _connect_through(session, session.upstream, addresses, port)
    except Refusal as refusal:
        session.record(host, port, refusal.outcome)
        raise
    session.record(host, port, Outcome("allowed", "connected"))
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
        proxy_addresses = await session.resolve_and_check(
            upstream.host, upstream.port, upstream.policy(session.policy)
        )
    except Refusal as refusal:
        if refusal.outcome.kind == "failed":
            raise failed("upstream_unreachable") from None
        raise
    tls = ssl.create_default_context() if upstream.scheme == "https" else None
    try:
        connection = await _connect(proxy_addresses, upstream.port, tls, upstream.host if tls else None)
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
