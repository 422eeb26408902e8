"""What the guard and the isolation cost: a page of sixty images, over HTTP and HTTPS, each against the bare pipeline."""

from __future__ import annotations

import http.server
import ssl
import struct
import tempfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from stillframe.egress import Budget, EgressGuard, EgressPolicy
from tests.e2e.origins import certificate

from . import floor, ours
from .bench_warm import compare
from .corpus import BenchPage

IMAGES = 60
_PAGE = "<!doctype html><title>sixty</title>" + "".join(
    f'<img src="/{i}.png" width=48 height=48>' for i in range(IMAGES)
)


def _noise(seed: int) -> bytes:
    """A PNG of about 8 KB that does not compress."""
    random, side = Random(seed), 52

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + random.randbytes(3 * side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    images = tuple(_noise(i) for i in range(IMAGES))

    def do_GET(self) -> None:
        name = self.path.strip("/").removesuffix(".png")
        body, kind = (
            (self.images[int(name)], "image/png") if name.isdigit() else (_PAGE.encode(), "text/html")
        )
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Chromium breaks off with a certificate that nobody signed before it takes it."""


@contextmanager
def _served() -> Iterator[dict[str, str]]:
    """The page under both schemes."""
    servers = {scheme: _Server(("127.0.0.1", 0), _Handler) for scheme in ("http", "https")}
    with tempfile.TemporaryDirectory() as directory:
        cert, key = certificate(Path(directory))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        servers["https"].socket = context.wrap_socket(
            servers["https"].socket, server_side=True, do_handshake_on_connect=False
        )
        for server in servers.values():
            threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield {
                scheme: f"{scheme}://127.0.0.1:{server.server_port}/" for scheme, server in servers.items()
            }
        finally:
            for server in servers.values():
                server.shutdown()
                server.server_close()


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each scheme and way: its ratio to the bare pipeline of the same round."""
    guard = EgressGuard(EgressPolicy.from_settings(ours.ALLOW, "80,443", {}))
    guard.start()
    listener = guard.open_listener()
    listener.begin(Budget(bytes=10**12, live_connections=1000, connections=10**6, seconds=10**5))
    rows: list[dict[str, Any]] = []
    try:
        with _served() as places:
            async with (
                floor.bare_browser() as bare,
                ours.warm() as shared,
                ours.warm(browser_isolation="fresh") as fresh,
            ):
                plain: dict[str, Any] = {
                    "viewport": floor.VIEW,
                    "service_workers": "block",
                    "ignore_https_errors": True,
                }
                direct = await bare.new_context(**plain)
                guarded = await bare.new_context(**plain, proxy={"server": listener.url})

                async def raw(url: str) -> float:
                    return (await floor.capture(direct, url))[0]

                async def behind(url: str) -> float:
                    return (await floor.capture(guarded, url))[0]

                async def in_shared(url: str) -> float:
                    return (await ours.take(shared, url, wait_until="load"))[0]

                async def in_fresh(url: str) -> float:
                    return (await ours.take(fresh, url, wait_until="load"))[0]

                ways = {
                    "floor": raw,
                    "floor behind the guard": behind,
                    "ours, shared context": in_shared,
                    "ours, fresh context": in_fresh,
                }
                for scheme, place in places.items():
                    page = BenchPage(name=scheme, path="", held_out=False)
                    rows += await compare(place, [page], rounds, dict(ways), f"{scheme}, 60 images")
        return rows
    finally:
        listener.end()
        guard.stop()
