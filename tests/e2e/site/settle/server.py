"""A site on loopback whose answers are late, endless or missing, as pages of the settle tests need them."""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).parent
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100"'
    ' fill="hsl({hue},70%,50%)"/></svg>'
)


class Site:
    """Serves ROOT and the behaviours below on 127.0.0.1; `closing` ends every answer that would hang."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        handler = type("Handler", (_Handler,), {"site": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def page(self, name: str) -> str:
        return f"{self.url}/{name}.html"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is what these pages are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, format: str, *args: object) -> None:
        """Tests print enough."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        behaviour = getattr(self, "answer_" + parts.path.strip("/").replace("/", "_"), None)
        if behaviour is not None:
            behaviour(query)
        else:
            self._file(parts.path)

    def _file(self, path: str) -> None:
        file = (ROOT / path.lstrip("/")).resolve()
        if file.parent != ROOT or file.suffix not in TYPES or not file.is_file():
            self._send(b"not found", "text/plain", status=404)
        else:
            self._send(file.read_bytes(), TYPES[file.suffix])

    def _send(self, body: bytes, content_type: str, *, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def _wait(self, seconds: float) -> bool:
        return not self.site.closing.wait(seconds)

    def answer_slow(self, query: dict[str, str]) -> None:
        """An answer after `ms`."""
        self._wait(int(query["ms"]) / 1000)
        self._send(query["body"].encode(), "text/html" if query.get("type") == "html" else "text/plain")

    def answer_never(self, query: dict[str, str]) -> None:
        """No answer at all."""
        self._wait(60)
        self.close_connection = True

    def answer_endless(self, query: dict[str, str]) -> None:
        """One byte every 100 ms for ever."""
        self._stream("text/plain")
        while self._wait(0.1):
            self.wfile.write(b".")

    def answer_drip(self, query: dict[str, str]) -> None:
        """Ten bytes every 100 ms for `ms`."""
        self._stream("text/plain")
        for _ in range(int(query["ms"]) // 100):
            self._wait(0.1)
            self.wfile.write(b"." * 10)

    def answer_events(self, query: dict[str, str]) -> None:
        """Server-sent events for ever."""
        self._stream("text/event-stream")
        while self._wait(0.2):
            self.wfile.write(b"data: tick\n\n")

    def answer_picture(self, query: dict[str, str]) -> None:
        """An image that takes 100 ms."""
        self._wait(0.1)
        self._send(SVG.format(hue=int(query["n"]) * 60).encode(), "image/svg+xml")

    def answer_socket(self, query: dict[str, str]) -> None:
        """A WebSocket that sends one message after `ms` and stays open."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.wfile.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
        )
        self._wait(int(query["ms"]) / 1000)
        message = b"from the socket"
        self.wfile.write(struct.pack("!BB", 0x81, len(message)) + message)
        self.wfile.flush()
        self.close_connection = True
        self._wait(30)


if __name__ == "__main__":
    site = Site()
    print(site.url, flush=True)
    while True:
        time.sleep(3600)
