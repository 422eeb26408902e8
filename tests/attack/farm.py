"""The attacker's web site and the internal servers that must stay untouched.

The attacker's site listens on 127.0.0.1 and is the only thing the policy opens; the canaries listen on other
loopback addresses and ports, which are as forbidden to a page as 10.0.0.5 or 169.254.169.254 are.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from typing import ClassVar, cast

from servers import HttpServer, Reply, Route, Seen, routed

SECRET = "INTERNAL-SECRET-4711"


def html(text: str, **headers: str) -> Reply:
    return 200, {"Content-Type": "text/html; charset=utf-8", **headers}, text.encode()


def script(text: str) -> Reply:
    return 200, {"Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*"}, text.encode()


def redirect(to: str, status: int = 302) -> Reply:
    return status, {"Location": to}, b""


class RoutedServer(HttpServer):
    """A web server on one address whose responses are functions of the path."""

    def __init__(self, address: str, port: int = 0, routes: dict[str, Route] | None = None) -> None:
        self.routes = routes or {}
        super().__init__(routed(self.route), address, port)

    def route(self, path: str) -> Route:
        """The function of this path or of the nearest path above it."""
        while path not in self.routes and path not in ("", "/"):
            path = path.rpartition("/")[0]
        return self.routes.get(path or "/", lambda _: (404, {}, b""))

    def paths(self) -> set[str]:
        return {seen.path for seen in self.seen}


def canary_answer(seen: Seen) -> Reply:
    """An internal service: its answer holds a canary, and headers that permit every origin to read it."""
    return (
        200,
        {
            "Content-Type": "text/html",
            "Access-Control-Allow-Origin": seen.headers.get("origin", "*"),
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Private-Network": "true",
            "Access-Control-Allow-Headers": "*",
        },
        f"<h1>{SECRET}</h1>".encode(),
    )


@dataclass
class Farm:
    """The attacker's site, the canaries on one common port, and a listener for datagrams."""

    site: RoutedServer
    canaries: list[RoutedServer]
    datagrams: list[bytes] = field(default_factory=list)
    udp_port: int = 0
    names: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    addresses: ClassVar[tuple[str, ...]] = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1")

    @classmethod
    def open(cls) -> Farm:
        site = RoutedServer("127.0.0.1")
        first = RoutedServer("127.0.0.1", routes={"/": canary_answer})
        others = [RoutedServer(a, first.port, {"/": canary_answer}) for a in cls.addresses[1:]]
        # The attacker's own port on an internal address: where a rebound name would lead.
        others.append(RoutedServer("127.0.0.2", site.port, {"/": canary_answer}))
        farm = cls(site, [first, *others])
        farm._listen_for_datagrams()
        return farm

    def _listen_for_datagrams(self) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.2", 0))
        self.udp_port = cast(int, sock.getsockname()[1])

        def listen() -> None:
            with contextlib.suppress(OSError):
                while data := sock.recv(2048):
                    self.datagrams.append(data)

        threading.Thread(target=listen, daemon=True).start()
        self._udp = sock

    @property
    def port(self) -> int:
        """Of every canary."""
        return self.canaries[0].port

    @property
    def home(self) -> str:
        return f"http://attacker.example:{self.site.port}"

    @property
    def secure(self) -> str:
        """The same site as a secure context by its loopback address: service workers and worklets run."""
        return f"http://127.0.0.1:{self.site.port}"

    @property
    def internal(self) -> str:
        return f"http://127.0.0.2:{self.port}"

    def hits(self) -> set[str]:
        """The paths that any canary was asked for."""
        return set().union(*(canary.paths() for canary in self.canaries))

    def touched(self) -> int:
        """Connections to any canary: a connect scan is an attack without a request."""
        return sum(canary.connections for canary in self.canaries)

    def reset(self) -> None:
        for server in (self.site, *self.canaries):
            server.seen.clear()
            server.connections = 0
        self.datagrams.clear()
        self.asked.clear()

    def serve(self, path: str, route: Route | Reply) -> str:
        """Put a page on the attacker's site; returns its address."""
        self.site.routes[path] = route if callable(route) else (lambda _: route)
        return self.home + path

    async def resolve(self, host: str) -> tuple[str, ...]:
        """The attacker's name server: a list of answers per name, the last one for good."""
        from stillframe.egress import HostNotFound, system_resolve

        self.asked.append(host)
        if host in self.names:
            answers = self.names[host]
            return answers.pop(0) if len(answers) > 1 else answers[0]
        if host.endswith(".attacker.example") or host == "attacker.example":
            return ("127.0.0.1",)
        if host.endswith((".example", ".test", ".invalid")):
            raise HostNotFound(host)
        return await system_resolve(host)

    def close(self) -> None:
        for server in (self.site, *self.canaries):
            server.close()
        self._udp.close()
