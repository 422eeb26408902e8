"""The egress guard: a proxy on loopback that is the browser's only way to the network."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine, Mapping
from typing import Any, Self, TypeVar

import h11

from .authority import AuthorityNotValid, read_host
from .dial import Connection, Reader, dial
from .forward import Forwarder
from .framing import MARK_HEADER, read_head, read_request
from .peer import PeerCheck
from .policy import Policy
from .report import Budget, EgressReport, Outcome, Refusal
from .resolver import NameCache, Resolve, system_resolve
from .session import READ_SIZE, Session
from .tunnel import splice
from .upstream import Upstream

CALL_SECONDS = 5.0
BACKLOG = 128
T = TypeVar("T")


class EgressGuard:
    """Owns a daemon thread with an event loop of its own, and the listeners on it.

    Its own loop, because Playwright's messages would stall the traffic and the traffic the messages.
    Policy and resolver are constructor arguments and never settings, so no deployment can switch them.
    """

    def __init__(self, policy: Policy, resolver: Resolve = system_resolve) -> None:
        self.policy = policy
        self.resolver = resolver
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listeners: set[Listener] = set()

    def start(self) -> Self:
        """Start the thread; a second call changes nothing."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="stillframe-egress", daemon=True
            )
            self._thread.start()
        return self

    def stop(self) -> None:
        """Close every listener and end the thread."""
        if self._loop is None or self._thread is None:
            return
        for listener in tuple(self._listeners):
            listener.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_SECONDS)
        self._loop.close()
        self._loop = self._thread = None

    def open_listener(self, peers: PeerCheck | None = None) -> Listener:
        """A proxy on a new port of 127.0.0.1 that serves nobody until its `begin`.

        `peers` says which processes may use it; without one every process on the machine may.
        """
        listener = Listener(self, peers)
        self.call(listener.open())
        self._listeners.add(listener)
        return listener

    def forget(self, listener: Listener) -> None:
        """Stop owning a closed listener."""
        self._listeners.discard(listener)

    def is_own_port(self, port: int) -> bool:
        """Whether one of our listeners has this port: a page may not reach a guard through a guard."""
        return any(listener.port == port for listener in tuple(self._listeners))

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a short coroutine on the guard's loop from any other thread."""
        if self._loop is None:
            coroutine.close()
            raise RuntimeError("the egress guard is not running")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(CALL_SECONDS)


class Listener:
    """One capture slot's proxy: `begin`, the capture, `end`, and again."""

    def __init__(self, guard: EgressGuard, peers: PeerCheck | None = None) -> None:
        self.port = 0
        self._guard = guard
        self._peers = peers
        # Only this process knows it, so no origin can imitate an answer of the guard.
        self._mark = os.urandom(16).hex()
        self._server: asyncio.Server | None = None
        self._session: Session | None = None
        self._last: Session | None = None

    @property
    def url(self) -> str:
        """What the browser is given as its proxy."""
        return f"http://127.0.0.1:{self.port}"

    def begin(self, budget: Budget | None = None, upstream: Upstream | None = None) -> None:
        """Open for one capture, after ending the previous one; `upstream` is a proxy to connect through."""
        self._guard.call(self._begin(budget or Budget(), upstream))

    def end(self) -> EgressReport:
        """Cut everything that is still open and say what happened; refuses from here on."""
        return self._guard.call(self._end())

    def outcome(self, host: str, port: int) -> Outcome | None:
        """How the last try of this capture to reach `host` ended; answers after `end` too."""
        session = self._session or self._last
        try:
            name = read_host(f"[{host}]" if ":" in host and "[" not in host else host)
        except AuthorityNotValid:
            name = host  # so it was refused before it had a name
        return session.outcomes.get((name, port)) if session else None

    def refusal_in(self, headers: Mapping[str, str]) -> Outcome | None:
        """The outcome that an answer of this listener itself names; None for every answer of an origin."""
        mark, _, rest = headers.get(MARK_HEADER, "").partition("; ")
        if mark != self._mark:
            return None
        kind, _, reason = rest.partition("; reason=")
        return Outcome("denied" if kind == "denied" else "failed", reason)

    def close(self) -> None:
        """End, and give the port back."""
        self._guard.call(self._close())
        self._guard.forget(self)

    async def open(self) -> None:
        """Bind; called once, on the guard's loop."""
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.StreamReaderProtocol:
            reader = Reader(limit=READ_SIZE, loop=loop)
            return asyncio.StreamReaderProtocol(reader, lambda _, writer: self._serve(reader, writer), loop)

        self._server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=BACKLOG)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _begin(self, budget: Budget, upstream: Upstream | None) -> None:
        await self._end()
        # Connections that the kernel has accepted but this loop has not are older than the capture.
        for _ in range(3):
            await asyncio.sleep(0)
        names = NameCache(self._guard.resolver)
        session = Session(self._guard.policy, names, budget, upstream, self._guard.is_own_port)
        session.start_clock()
        self._session = session

    async def _end(self) -> EgressReport:
        session, self._session = self._session, None
        if session is None:
            return EgressReport()
        self._last = session
        session.cut()
        await session.drain()
        return session.report()

    async def _close(self) -> None:
        await self._end()
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        client = Connection(reader, writer)
        session, task = self._session, asyncio.current_task()
        try:
            # Between two captures a connection gets no answer: one that Chromium keeps for later would find the
            # answer waiting, and take it for the next capture's.
            if session is None or task is None or not self._is_allowed(writer):
                return
            session.enter(task)
            await _converse(session, client)
        except Refusal as refusal:
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                await _refuse(client, refusal, self._mark)
        except (OSError, asyncio.CancelledError):
            pass  # the other end left, or the capture ended: both are how connections end here
        finally:
            client.abort()

    def _is_allowed(self, writer: asyncio.StreamWriter) -> bool:
        """Whether the process at the other end may use this listener."""
        peer, own = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
        return self._peers is None or self._peers.allows(peer, own)


async def _converse(session: Session, client: Connection) -> None:
    """Serve the requests of one client connection, each judged by itself."""
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


async def _refuse(client: Connection, refusal: Refusal, mark: str) -> None:
    """Answer in a form the browser does not keep and the product can read; nothing else is told."""
    phrase = {403: "Forbidden", 502: "Bad Gateway", 504: "Gateway Timeout"}[refusal.status]
    outcome = refusal.outcome
    client.writer.write(
        f"HTTP/1.1 {refusal.status} {phrase}\r\n"
        f"{MARK_HEADER}: {mark}; {outcome.kind}; reason={outcome.reason}\r\n"
        "Cache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("ascii")
    )
    async with asyncio.timeout(CALL_SECONDS):
        await client.writer.drain()
        client.writer.close()
        await client.writer.wait_closed()
