"""What blocking costs a capture of a page without banners and advertisements."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from stillframe.browser.runtime import Runtime
from tests.servers import HttpServer

from . import floor, ours, stats
from .bench_guard import SixtyImages
from .corpus import BenchPage

PAGES = 4

_ADS = {"block_ads": True, "block_trackers": True}
_CONSENT = {"block_cookie_banners": True}
_ALL = (
    _ADS
    | _CONSENT
    | {"block_annoyances": True, "block_socials": True, "block_chats": True, "block_popups": True}
)
_SETS: dict[str, dict[str, Any]] = {
    "unblocked": {},
    "ads and trackers": _ADS,
    "consent": _CONSENT,
    "everything": _ALL,
}

_TEXT = "<!doctype html><title>page</title>" + "<p>One paragraph of text.</p>" * 20
_HEADER = "<nav style='position:sticky;top:0'><a href=/>Home</a><button>Menu</button></nav>"
_CARD = "<div class='card wide'><a href='/item' data-number=1>Item</a><img alt=item><span>9</span></div>"
_PAGES = {
    "small page": ("/small", _TEXT),
    "page with a header that stays": ("/header", _TEXT + _HEADER),
    "4,000 elements": ("/large", _TEXT + _CARD * 1000),
    "60 images": ("/", ""),
}


class _Page(SixtyImages):
    def serve(self) -> None:
        for path, text in _PAGES.values():
            if text and self.path == path:
                self.send(text.encode(), Cache_Control="no-store")
                return
        super().serve()


@contextmanager
def _served() -> Iterator[str]:
    with HttpServer(_Page) as server:
        yield server.url


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each page and set of options: its ratio to the capture without any of the same round."""
    rows: list[dict[str, Any]] = []
    with _served() as place:
        async with ours.warm() as runtime:
            for name, (path, _) in _PAGES.items():
                rows += await _compare(runtime, name, place + path, rounds)
    return rows


async def _compare(runtime: Runtime, what: str, url: str, rounds: int) -> list[dict[str, Any]]:
    seconds: dict[str, list[float]] = defaultdict(list)
    work: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        # Shuffled in every round, so that no set always comes after the same neighbour.
        for name, options in Random(number).sample(list(_SETS.items()), len(_SETS)):

            async def take(options: dict[str, Any] = options) -> tuple[float, Any]:
                return await ours.take(runtime, url, **options)

            before = _processor_seconds()
            took, _ = await floor.undisturbed(take)
            # The first round loads the lists.
            if number:
                seconds[name].append(took)
                work[name].append(_processor_seconds() - before)
    rows = []
    for name in _SETS:
        wall = stats.spread([a / b for a, b in zip(seconds[name], seconds["unblocked"], strict=True)])
        # Seconds are counted in hundredths: the ratio of the medians says more than that of a round.
        cpu = stats.spread(work[name])["median"] / stats.spread(work["unblocked"])["median"]
        milliseconds = stats.spread([s * 1000 for s in seconds[name]])
        rows.append(
            {
                "what": f"{what}: {name}",
                "over_unblocked": wall,
                "processor_time_over_unblocked": round(cpu, 2),
                "milliseconds": milliseconds,
            }
        )
        print(
            f"  {what}: {name}: {stats.show(wall, ' × unblocked')}, {cpu:.2f} × its processor time,"
            f" {milliseconds['median']:.0f} ms"
        )
    return rows


def _processor_seconds() -> float:
    """Seconds of the processor that this process and its descendants have used."""
    parents: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(fields[1])].append(int(entry.name))
        ticks[int(entry.name)] = sum(map(int, fields[11:15]))
    found, queue = 0, [os.getpid()]
    while queue:
        pid = queue.pop()
        found += ticks.get(pid, 0)
        queue += parents[pid]
    return found / os.sysconf("SC_CLK_TCK")
