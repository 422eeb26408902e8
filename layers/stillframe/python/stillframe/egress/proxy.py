"""The egress guard: a proxy on loopback through which all of the browser's traffic goes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Coroutine, Mapping
from typing import Any, Self, TypeVar

from .authority import AuthorityNotValid, read_host
from .dial import Connection, Reader
from .framing import MARK_HEADER
from .peer import PeerCheck
from .policy import Policy
from .report import Budget, EgressReport, Outcome, Refusal
from .resolver import NameCache, Resolve, system_resolve
from .response_head import MAX_HEAD
from .serve import refuse, serve_requests
from .session import Session
from .upstream import Upstream

CALL_SECONDS = 5.0
BACKLOG = 128
T = TypeVar("T")


class EgressGuard:
    """Owns a daemon thread with an event loop, and the listeners on that loop.

    The loop is separate from Playwright's, so that page traffic and Playwright messages do not delay each
    other. Policy and resolver are constructor arguments: no setting can replace them.
    """

    def __init__(self, policy: Policy, resolver: Resolve = system_resolve) -> None:
        self.policy = policy
        self.resolver = resolver
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listeners: set[Listener] = set()

    def start(self) -> Self:
        """Start the thread; a second call has no effect."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="stillframe-egress", daemon=True
            )
            self._thread.start()
        return self

    def stop(self) -> None:
        """Close every listener and stop the thread."""
        if self._loop is None or self._thread is None:
            return
        for listener in tuple(self._listeners):
            listener.close()
        self.call(_connections_closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_SECONDS)
        self._loop.close()
        self._loop = self._thread = None

    def open_listener(self, peers: PeerCheck | None = None, bound: socket.socket | None = None) -> Listener:
        """A proxy on an unused port of 127.0.0.1, which serves nobody until `begin` is called.

        `peers` says which processes may use it; without one every process on the machine may. `bound` is a
        socket that has its port already, and belongs to the listener from now on.
        """
        listener = Listener(self, peers)
        self.call(listener.open(bound))
        self._listeners.add(listener)
        return listener

    def forget(self, listener: Listener) -> None:
        """Remove a closed listener."""
        self._listeners.discard(listener)

    def is_own_port(self, port: int) -> bool:
        """Whether a listener of this guard has the port; a page must not reach one through another."""
        return any(listener.port == port for listener in tuple(self._listeners))

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a short coroutine on the guard's loop and wait for it; call from another thread."""
        if self._loop is None:
            coroutine.close()
            raise RuntimeError("the egress guard is not running")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(CALL_SECONDS)


class Listener:
    """The proxy of one browser context, on `port` of 127.0.0.1; call `begin` and `end` for each capture."""

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
        """The address for the browser's proxy option; use `port` where only the number is needed."""
        return f"http://127.0.0.1:{self.port}"

    def begin(self, budget: Budget | None = None, upstream: Upstream | None = None) -> None:
        """Open for one capture, after ending the previous one; `upstream` is a proxy to connect through."""
        self._guard.call(self._begin(budget or Budget(), upstream))

    def end(self) -> EgressReport:
        """Abort all connections and return the report; every request is denied until the next `begin`."""
        return self._guard.call(self._end())

    def abort_connections(self) -> None:
        """Abort the capture's present connections; later ones are served."""
        self._guard.call(self._abort_connections())

    @property
    def received(self) -> int:
        """The bytes that the capture has received so far."""
        session = self._session
        return session.received if session else 0

    def outcome(self, host: str, port: int) -> Outcome | None:
        """How the capture's last attempt to reach `host` ended; also available after `end`."""
        session = self._session or self._last
        try:
            name = read_host(f"[{host}]" if ":" in host and "[" not in host else host)
        except AuthorityNotValid:
            name = host  # not a valid host, so it was refused under the name as given
        return session.outcomes.get((name, port)) if session else None

    def refusal_in(self, headers: Mapping[str, str]) -> Outcome | None:
        """The outcome that an answer of this listener itself names; None for every answer of an origin."""
        mark, _, rest = headers.get(MARK_HEADER, "").partition("; ")
        if mark != self._mark:
            return None
        kind, _, reason = rest.partition("; reason=")
        return Outcome("denied" if kind == "denied" else "failed", reason)

    def close(self) -> None:
        """End the capture and release the port."""
        self._guard.call(self._close())
        self._guard.forget(self)

    async def open(self, bound: socket.socket | None) -> None:
        """Serve the port; called once, on the guard's loop."""
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.StreamReaderProtocol:
            reader = Reader(limit=MAX_HEAD, loop=loop)
            return asyncio.StreamReaderProtocol(reader, lambda _, writer: self._serve(reader, writer), loop)

        where: dict[str, Any] = {"sock": bound} if bound else {"host": "127.0.0.1", "port": 0}
        self._server = await loop.create_server(protocol, backlog=BACKLOG, **where)
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

    async def _abort_connections(self) -> None:
        if self._session is not None:
            self._session.abort_connections()

    async def _end(self) -> EgressReport:
        session, self._session = self._session, None
        if session is None:
            return EgressReport()
        self._last = session
        session.abort_all()
        await session.wait_closed()
        return session.report()

    async def _close(self) -> None:
        await self._end()
        if self._server is not None:
            # CPython 3.13 never closes a connection that it accepts while the server closes: its transport
            # asserts that the server has sockets. So accepting ends first.
            loop = asyncio.get_running_loop()
            for sock in self._server.sockets:
                loop.remove_reader(sock.fileno())
            for _ in range(3):
                await asyncio.sleep(0)
            self._server.close()
            self._server = None

    async def _serve(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        client = Connection(reader, writer)
        session, task = self._session, asyncio.current_task()
        try:
            # Between two captures a connection gets no answer: one that Chromium keeps for later would find
            # the answer waiting, and take it for the next capture's.
            if session is None or task is None or not self._is_allowed(writer):
                return
            session.register(task)
            await serve_requests(session, client)
        except Refusal as refusal:
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                await refuse(client, refusal, self._mark)
        except (OSError, asyncio.CancelledError):
            pass  # the peer closed the connection, or the capture ended
        finally:
            client.abort()

    def _is_allowed(self, writer: asyncio.StreamWriter) -> bool:
        """Whether the process at the other end may use this listener."""
        peer, own = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
        return self._peers is None or self._peers.allows(peer, own)


async def _connections_closed() -> None:
    """Wait for connections that were accepted while their listener closed; their tasks end at once."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=1)
    await asyncio.sleep(0)  # an aborted transport closes its socket in the loop's next cycle
