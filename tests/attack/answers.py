"""Raw TCP servers for the attacks: origins, canaries that must stay untouched, and a chained proxy.

Every address is on loopback. 127.0.0.2 and above stand for the internal network, which the guard treats as it
treats 10.0.0.5.
"""

from __future__ import annotations

import contextlib
import socket
import threading

from servers import Answer


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
    """The far end of a tunnel: return every byte."""
    while data := sock.recv(65_536):
        sock.sendall(data)


def chained_proxy(status: bytes = b"200 OK") -> Answer:
    """A CONNECT proxy."""

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
