"""The cost of guard and isolation: a page of sixty images over HTTP and HTTPS, against bare Chromium."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from stillframe.egress import Budget, EgressGuard, EgressPolicy
from tests.servers import Handler, HttpServer, certificate

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


class SixtyImages(Handler):
    images = tuple(_noise(i) for i in range(IMAGES))

    def serve(self) -> None:
        name = self.path.strip("/").removesuffix(".png")
        body, kind = (
            (self.images[int(name)], "image/png") if name.isdigit() else (_PAGE.encode(), "text/html")
        )
        self.send(body, kind, Cache_Control="no-store")


@contextmanager
def _served() -> Iterator[dict[str, str]]:
    """The page under both schemes."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        plain = stack.enter_context(HttpServer(SixtyImages))
        secure = stack.enter_context(HttpServer(SixtyImages, tls=certificate(Path(directory))))
        yield {"http": f"{plain.url}/", "https": f"{secure.url}/"}


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
