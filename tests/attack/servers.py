"""Servers for the attacks: canaries that must stay untouched, origins, and a chained proxy.

Every address is a loopback one; 127.0.0.2 and up play the internal network, which is as internal to the
guard as 10.0.0.5 is.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], None]


class Wire:
    """A TCP server on one loopback address that keeps what it was sent, byte for byte."""

    def __init__(self, answer: Answer, address: str = "127.0.0.1", port: int = 0) -> None:
        self.received: list[bytes] = []
        self.connections = 0
        wire = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                wire.connections += 1
                with contextlib.suppress(OSError):
                    answer(_Recorder(self.request, wire.received))  # type: ignore[arg-type]

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

        self._server = Server((address, port), Handler)
        self.address, self.port = self._server.server_address[:2]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def place(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def text(self) -> bytes:
        return b"".join(self.received)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Recorder:
    """A socket that notes what it receives."""

    def __init__(self, sock: socket.socket, received: list[bytes]) -> None:
        self._sock = sock
        self._received = received

    def recv(self, size: int) -> bytes:
        data = self._sock.recv(size)
        if data:
            self._received.append(data)
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self._sock, name)


def read_head(sock: socket.socket) -> bytes:
    """Up to the empty line; empty when the peer left."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = sock.recv(65_536)
        if not data:
            return b""
        head += data
    return head


def fixed(response: bytes, *, keep: bool = True) -> Answer:
    """Answer every request with the same bytes."""

    def answer(sock: socket.socket) -> None:
        while read_head(sock):
            sock.sendall(response)
            if not keep:
                return

    return answer


def ok(body: bytes = b"hello", *, extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), extra, body)


def echo(sock: socket.socket) -> None:
    """What a tunnel's far end is for: every byte comes back."""
    while data := sock.recv(65_536):
        sock.sendall(data)


def chained_proxy(status: bytes = b"200 OK") -> Answer:
    """A CONNECT proxy as operators have them."""

    def answer(sock: socket.socket) -> None:
        head = read_head(sock)
        if not head:
            return
        sock.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if not status.startswith(b"200"):
            return
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5) as far:
            _pump(sock, far)

    return answer


def _pump(left: socket.socket, right: socket.socket) -> None:
    def copy(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=copy, args=(right, left), daemon=True)
    back.start()
    copy(left, right)
    back.join(5)


@contextlib.contextmanager
def serving(answer: Answer, address: str = "127.0.0.1", port: int = 0) -> Iterator[Wire]:
    wire = Wire(answer, address, port)
    try:
        yield wire
    finally:
        wire.close()
