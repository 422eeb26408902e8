"""Concurrent captures against sequential ones, on the local runtime and on bare Chromium."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext

from . import corpus, floor, ours, stats
from .corpus import BenchPage

AT_ONCE = 8
# Rounds that are not measured. Each slot has a cache of its own, so it has to have had every page.
_WARM_UP = 4
# Milliseconds that every answer takes: none, as on loopback, and what a near web server needs.
_LATENCIES = (0, 50)
Run = Callable[[list[str]], Awaitable[float]]


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Throughput of eight concurrent captures over sequential ones, and the utilisation of the processors.

    One capture uses more than one processor, so the gain ends when all are in use: `busy` is that share.
    """
    rows = []
    for latency in _LATENCIES:
        with corpus.served(latency) as origin:
            rows += await _measure(
                [origin + page.path for page in (pages * AT_ONCE)[:AT_ONCE]], rounds, latency
            )
    return rows


async def _measure(urls: list[str], rounds: int, latency: int) -> list[dict[str, Any]]:
    counts = sorted({2, os.cpu_count() or 2, 4})
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(floor.bare_browser())
        context = await bare.new_context(viewport=floor.VIEW, service_workers="block")  # type: ignore[arg-type]
        single = await stack.enter_async_context(ours.warm(workers=1))
        runs: dict[str, Run] = {
            "floor, 1 page": _bare(context, 1),
            **{f"floor, {n} pages": _bare(context, n) for n in counts},
            "ours, 1 slot": _of(single),
        }
        for count in counts:
            runs[f"ours, {count} slots"] = _of(await stack.enter_async_context(ours.warm(workers=count)))
        seconds: dict[str, list[float]] = defaultdict(list)
        busy: dict[str, list[float]] = defaultdict(list)
        for number in range(_WARM_UP + rounds):
            for name, one in runs.items():
                before = _processor_seconds()
                took = await one(urls)
                if number >= _WARM_UP:
                    seconds[name].append(took)
                    busy[name].append((_processor_seconds() - before) / took / (os.cpu_count() or 1))
    rows = []
    for name in runs:
        alone = "floor, 1 page" if name.startswith("floor") else "ours, 1 slot"
        gain = stats.spread([a / b for a, b in zip(seconds[alone], seconds[name], strict=True)])
        row = {
            "what": f"{AT_ONCE} captures, answers after {latency} ms: {name}",
            "throughput_over_one": gain,
            "busy": stats.spread(busy[name]),
        }
        print(
            f"  {row['what']}: {stats.show(gain, ' ×')}, processors {stats.show(stats.spread(busy[name]))}"
            " busy"
        )
        rows.append(row)
    return rows


def _of(runtime: Any) -> Run:
    return lambda urls: ours.together(runtime, urls)


def _bare(context: BrowserContext, at_once: int) -> Run:
    async def run(urls: list[str]) -> float:
        places = asyncio.Semaphore(at_once)

        async def one(url: str) -> None:
            async with places:
                await floor.undisturbed(floor.capture, context, url)

        started = time.perf_counter()
        await asyncio.gather(*(one(url) for url in urls))
        return time.perf_counter() - started

    return run


def _processor_seconds() -> float:
    """Seconds that all processors together have worked since the machine started."""
    user, nice, system, _, _, irq, soft, *_ = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(map(int, (user, nice, system, irq, soft))) / os.sysconf("SC_CLK_TCK")
