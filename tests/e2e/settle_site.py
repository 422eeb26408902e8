"""A site on loopback whose answers are late, endless or missing, as pages of the settle tests need them."""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
from pathlib import Path

from servers import TYPES, Handler, HttpServer, file_below

ROOT = Path(__file__).parent / "site" / "settle"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100"'
    ' fill="hsl({hue},70%,50%)"/></svg>'
)


DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Site(HttpServer):
    """The pages of ROOT and the behaviours below on 127.0.0.1."""

    def __init__(self) -> None:
        super().__init__(_Behaviours)

    def page(self, name: str) -> str:
        return f"{self.url}/{name}.html"


class _Behaviours(Handler):
    def answer(self, path: str) -> None:
        file = file_below(ROOT, path)
        if file is None or file.suffix not in TYPES:
            self.send(b"not found", "text/plain", 404)
        else:
            self.send(file.read_bytes(), TYPES[file.suffix])

    def _stream(self, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def answer_slow(self, rest: str) -> None:
        """An answer after `ms`."""
        self.wait(int(self.seen.query["ms"]) / 1000)
        self.send(
            self.seen.query["body"].encode(),
            "text/html" if self.seen.query.get("type") == "html" else "text/plain",
        )

    def answer_never(self, rest: str) -> None:
        """No answer at all."""
        self.wait(60)
        self.close_connection = True

    def answer_endless(self, rest: str) -> None:
        """One byte every 100 ms without end."""
        self._stream("text/plain")
        while self.wait(0.1):
            self.wfile.write(b".")

    def answer_drip(self, rest: str) -> None:
        """Ten bytes every 100 ms for `ms`."""
        self._stream("text/plain")
        for _ in range(int(self.seen.query["ms"]) // 100):
            self.wait(0.1)
            self.wfile.write(b"." * 10)

    def answer_events(self, rest: str) -> None:
        """Server-sent events without end."""
        self._stream("text/event-stream")
        while self.wait(0.2):
            self.wfile.write(b"data: tick\n\n")

    def answer_picture(self, rest: str) -> None:
        """An image that takes 100 ms."""
        self.wait(0.1)
        self.send(SVG.format(hue=int(self.seen.query["n"]) * 60).encode(), "image/svg+xml")

    def answer_dot(self, rest: str) -> None:
        """A picture of pixels, which a PDF holds as an image."""
        self.wait(0.1)
        self.send(DOT, "image/png")

    def answer_socket(self, rest: str) -> None:
        """A WebSocket that sends one message after `ms` and stays open."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.wfile.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
        )
        self.wait(int(self.seen.query["ms"]) / 1000)
        message = b"from the socket"
        self.wfile.write(struct.pack("!BB", 0x81, len(message)) + message)
        self.wfile.flush()
        self.close_connection = True
        self.wait(30)


if __name__ == "__main__":  # to look at the pages: PYTHONPATH=tests python tests/e2e/settle_site.py
    print(Site().url, flush=True)
    threading.Event().wait()
