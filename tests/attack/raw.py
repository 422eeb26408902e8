"""A client that sends exactly the given bytes."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self

from stillframe.egress import Listener


class Raw:
    """One raw connection to a listener."""

    def __init__(self, listener: Listener) -> None:
        self.sock = socket.create_connection(("127.0.0.1", listener.port), timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sock.close()

    def send(self, data: bytes | str) -> Self:
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())
        return self

    def head(self) -> bytes:
        """One answer's head, leaving what follows unread."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.sock.recv(1)
            if not byte:
                break
            head += byte
        return head

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.sock.recv(count - len(data))
            if not more:
                break
            data += more
        return data

    def rest(self) -> bytes:
        """Everything until the other side closes; a reset is a close too."""
        data = b""
        try:
            while more := self.sock.recv(65_536):
                data += more
        except ConnectionResetError:
            pass
        return data


def ask(listener: Listener, request: bytes | str) -> bytes:
    """Send one request, read until the guard closes."""
    with Raw(listener) as raw:
        raw.send(request)
        return raw.rest()


def get(place: str, *, close: bool = True, path: str = "/") -> str:
    connection = "Connection: close\r\n" if close else ""
    return f"GET http://{place}{path} HTTP/1.1\r\nHost: {place}\r\n{connection}\r\n"


def connect(place: str) -> str:
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n"


def marker(answer: bytes) -> str:
    """The guard's reason without the secret mark in front of it; empty for an answer of an origin."""
    for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name.lower() == b"x-stillframe-egress":
            mark, _, reason = value.decode().partition("; ")
            assert len(mark) == 32
            return reason
    return ""
