"""Loopback servers for every kind of test: HTTP with a handler of the test's own, and raw TCP.

Nothing of Stillframe or pytest is imported, so that benches and scripts can start these servers as well.
"""

from __future__ import annotations

import contextlib
import http.server
import ipaddress
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as a server received it; header names are lower-case, `origin` is the server's name."""

    origin: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Reply = tuple[int, dict[str, str], bytes]
Route = Callable[[Seen], Reply]


class _Closing:
    """Stops the server at the end of a `with` block."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class HttpServer(_Closing, http.server.ThreadingHTTPServer):
    """An HTTP server that starts at once, with a thread for each connection.

    `seen` lists the requests, `connections` counts the connections. `closing` is set when the server stops:
    handlers that delay an answer wait for it. `tls` names the files of a certificate and its key.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        handler: type[Handler],
        address: str = "127.0.0.1",
        port: int = 0,
        *,
        name: str = "",
        tls: tuple[Path, Path] | None = None,
        seen: list[Seen] | None = None,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), handler)
        self.address, self.port = address, int(self.server_address[1])
        self.name = name
        self.seen: list[Seen] = [] if seen is None else seen
        self.connections = 0
        self.closing = threading.Event()
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            # The handshake belongs to the thread of the connection: in `accept` it would block the others.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        host = f"[{address}]" if ":" in address else address
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        threading.Thread(target=self.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection = super().get_request()
        self.connections += 1
        return connection

    def handle_error(self, request: object, client_address: object) -> None:
        """Browsers close connections in the middle of an answer, and refuse unsigned certificates."""

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    """Records a request and answers it by the method `answer_<first part of the path>`, or by `answer`.

    Only GET is served; a subclass assigns `do_GET` to further methods.
    """

    protocol_version = "HTTP/1.1"
    server: HttpServer
    seen: Seen

    def log_message(self, format: str, *args: object) -> None:
        """Requests are recorded in `HttpServer.seen`."""

    def serve(self) -> None:
        path, _, query = self.path.partition("?")
        if path.startswith("http://"):  # as a proxy is asked
            path = urlsplit(path).path
        self.seen = Seen(
            self.server.name,
            self.command,
            path,
            {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        self.server.seen.append(self.seen)
        first, _, rest = path.strip("/").partition("/")
        behaviour = getattr(self, f"answer_{first.replace('-', '_')}", None)
        if behaviour is None:
            self.answer(path)
        else:
            behaviour(rest)

    def do_GET(self) -> None:
        self.serve()

    def answer(self, path: str) -> None:
        self.send(b"not found", "text/plain", 404)

    def send(
        self, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str
    ) -> None:
        """A whole response; underscores in the names of headers become hyphens."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def wait(self, seconds: float) -> bool:
        """Whether the server still runs after this time."""
        return not self.server.closing.wait(seconds)


def file_below(root: Path, path: str) -> Path | None:
    """The file that a path names below `root`; None when there is none, or it lies outside."""
    file = (root / path.lstrip("/")).resolve()
    return file if file.is_relative_to(root.resolve()) and file.is_file() else None


def routed(find: Callable[[str], Route]) -> type[Handler]:
    """A handler whose responses are functions of the request, chosen by its path.

    The responses have no header but `Content-Length` and what the function returns.
    """

    class Routed(Handler):
        timeout = 20

        def answer(self, path: str) -> None:
            status, fields, content = find(path)(self.seen)
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            with contextlib.suppress(OSError):
                self.wfile.write(head.encode() + b"\r\n" + (b"" if self.command == "HEAD" else content))

        do_POST = do_PUT = do_OPTIONS = do_HEAD = Handler.do_GET  # noqa: N815

    return Routed


Answer = Callable[[socket.socket], None]


class TcpServer(_Closing):
    """A TCP server that records the bytes it receives; `answer` is called with the socket of a connection."""

    def __init__(self, answer: Answer, address: str = "127.0.0.1", port: int = 0) -> None:
        self.received: list[bytes] = []
        self.connections = 0
        outer = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                with contextlib.suppress(OSError):
                    answer(_Recorder(self.request, outer.received))  # type: ignore[arg-type]

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

        self._server = Server((address, port), Connection)
        self.address, self.port = self._server.server_address[:2]
        threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()

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
    """A socket that records what it receives."""

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


def free_port(address: str = "127.0.0.1") -> int:
    """A port on which nothing listens at the moment."""
    with socket.create_server((address, 0)) as server:
        return int(server.getsockname()[1])


def certificate(directory: Path, names: tuple[str, ...] = ()) -> tuple[Path, Path]:
    """The files of a self-signed certificate for 127.0.0.1 and `names`, and of its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, names)]
            ),
            False,
        )
        .sign(key, hashes.SHA256())
    )
    cert, secret = directory / "cert.pem", directory / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert, secret
