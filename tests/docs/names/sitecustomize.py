"""Lets the names of the documentation's examples lead to the servers of the tests.

Python imports this module at start where its folder is on PYTHONPATH. `DOCS_PORTS` holds the ports of the
HTTP and the HTTPS server. Names get an address of 127.0.0.0/8 that nothing listens on, and connections to it
go to those ports. The egress guard sees name, address and port as it sees any other.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

NAMES = ("example.com", "example.org", "example.net")
ADDRESS = "127.77.0.1"


def _is_example(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    return isinstance(name, str) and any(name == n or name.endswith(f".{n}") for n in NAMES)


def _install(http: int, https: int) -> None:
    ports = {80: http, 443: https}
    look_up, connect, open_loop = (
        socket.getaddrinfo,
        socket.create_connection,
        asyncio.BaseEventLoop.create_connection,
    )

    def getaddrinfo(host: Any, *args: Any, **more: Any) -> Any:
        return look_up(ADDRESS if _is_example(host) else host, *args, **more)

    def create_connection(address: tuple[Any, int], *args: Any, **more: Any) -> socket.socket:
        host, port = address
        if host == ADDRESS or _is_example(host):
            address = ("127.0.0.1", ports[port])
        return connect(address, *args, **more)

    async def loop_connection(
        self: Any, factory: Any, host: Any = None, port: Any = None, **more: Any
    ) -> Any:
        if host == ADDRESS:
            host, port = "127.0.0.1", ports[port]
        return await open_loop(self, factory, host, port, **more)

    socket.getaddrinfo = getaddrinfo
    socket.create_connection = create_connection
    asyncio.BaseEventLoop.create_connection = loop_connection  # type: ignore[method-assign, assignment]


if ports := os.environ.get("DOCS_PORTS"):
    _install(*map(int, ports.split(",")))
