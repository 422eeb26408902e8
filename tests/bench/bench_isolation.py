"""What each mode of isolation costs: a small page and one with sixty images, at `load`, over the floor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from tests.servers import HttpServer

from . import floor, ours
from .bench_guard import SixtyImages
from .bench_warm import Run, compare
from .corpus import BenchPage

_SMALL = b"<!doctype html><title>small</title><h1>A small page</h1>" + b"<p>One paragraph of text.</p>" * 20


class _Page(SixtyImages):
    def serve(self) -> None:
        if self.path == "/small":
            self.send(_SMALL, Cache_Control="no-store")
        else:
            super().serve()


@contextmanager
def small_and_sixty() -> Iterator[str]:
    """A server of `/small`, a page of text, and `/`, a page of sixty images."""
    with HttpServer(_Page) as server:
        yield server.url


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each page and mode: its ratio to the floor of the same round."""
    rows: list[dict[str, Any]] = []
    with small_and_sixty() as place:
        async with (
            floor.bare_browser() as bare,
            ours.warm() as same,
            ours.warm() as alternating,
            ours.warm(browser_isolation="fresh") as fresh,
            ours.warm(browser_isolation="shared") as shared,
        ):
            context = await bare.new_context(viewport=floor.VIEW, service_workers="block")
            turn = count()

            async def raw(url: str) -> float:
                return (await floor.capture(context, url))[0]

            def mine(runtime: Any) -> Run:
                async def run(url: str) -> float:
                    return (await ours.take(runtime, url, wait_until="load"))[0]

                return run

            async def by_turns(url: str) -> float:
                caller = f"caller {next(turn) % 2}"
                return (await ours.take(alternating, url, caller=caller, wait_until="load"))[0]

            modes: dict[str, Run] = {
                "floor": raw,
                "`caller`, one caller": mine(same),
                "`caller`, another caller each time": by_turns,
                "`fresh`": mine(fresh),
                "`shared`": mine(shared),
            }
            for name, path in (("small page", "/small"), ("60 images", "/")):
                page = BenchPage(name=name, path=path, held_out=False)
                rows += await compare(place, [page], rounds, modes, name)
    return rows
