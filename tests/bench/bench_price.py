"""Time, memory and price of captures in the confined image, at the CPU share of each memory size."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import prices, sandbox, stats
from .bench_overhead import ROOT
from .corpus import BenchPage

SIZES = (1024, 1769, 2048, 3008)
_PORT = 8000
_SERVE = f"""
import sys; sys.path.insert(0, "/corpus")
from tests.bench import corpus
corpus._Server(("127.0.0.1", {_PORT}), corpus._Handler).serve_forever()
"""
_LISTENING = f"import socket; socket.create_connection(('127.0.0.1', {_PORT}), 1)"


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """A row per memory size; within a round the sizes follow one another."""
    return await asyncio.to_thread(_measure, pages, rounds)


def _measure(pages: list[BenchPage], rounds: int) -> list[dict[str, Any]]:
    engine = sandbox.engine()
    image = sandbox.image()
    cores = os.cpu_count() or 1
    sizes = [size for size in SIZES if size / prices.CORE_MB <= cores]
    _once(
        engine, image, sizes[-1], pages[:1]
    )  # so that the first round finds the image's files in memory as the others do
    taken: dict[int, list[dict[str, Any]]] = {size: [] for size in sizes}
    for number in range(rounds):
        for size in sizes if number % 2 == 0 else reversed(sizes):
            taken[size].append(_once(engine, image, size, pages))
    rows = []
    for size, found in taken.items():
        warm = [ms for one in found for ms in one["warm"]]
        row = {
            "memory_MB": size,
            "cores": round(size / prices.CORE_MB, 2),
            "cold_ms": stats.spread([one["cold"] for one in found]),
            "warm_ms": stats.spread(warm),
            "warm_p95_ms": round(statistics.quantiles(warm, n=20)[-1], 1),
            "ping_ms": stats.spread([one["ping"] for one in found]),
            "peak_MB": round(max(one["peak"] for one in found), 1),
        }
        row["usd_per_1000_warm"] = round(prices.thousand(row["warm_ms"]["median"], size), 4)
        rows.append(row)
        print(
            f"  {size} MB, {row['cores']} cores: cold {stats.show(row['cold_ms'], ' ms')}, warm"
            f" {stats.show(row['warm_ms'], ' ms')}, ping {row['ping_ms']['median']:.0f} ms, peak"
            f" {row['peak_MB']:.0f} MB, {row['usd_per_1000_warm']} USD per 1,000 warm"
        )
    return rows


def _once(engine: str, image: str, size: int, pages: list[BenchPage]) -> dict[str, Any]:
    """A fresh environment: the first capture, then two of every page, then calls that capture nothing."""
    with (
        sandbox.function(engine, image, memory=size, cpus=size / prices.CORE_MB) as function,
        _pages_beside(engine, image, function.name),
        _watched(engine, function.name) as held,
    ):
        first, *warm = [_timed(function, page) for page in [pages[0], *pages, *pages]]
        ping = [_timed(function, None) for _ in range(5)]
    return {"cold": first, "warm": warm, "ping": statistics.median(ping), "peak": max(held)}


def _timed(function: Any, page: BenchPage | None) -> float:
    """Milliseconds of one call as the caller sees it; without a page, of one that is refused at the door."""
    started = time.perf_counter()
    if page:
        function.capture(
            url=f"http://127.0.0.1:{_PORT}{page.path}",
            html_content=None,
            window_width=1280,
            window_height=720,
        )
    else:
        function.invoke({})
    return (time.perf_counter() - started) * 1000


@contextlib.contextmanager
def _pages_beside(engine: str, image: str, name: str) -> Iterator[None]:
    """The corpus on the function's loopback, served by a container that is not part of the measurement."""
    mounts = [f"--volume={ROOT / part}:/corpus/{part}:ro" for part in ("tests/bench", ".cache/bench")]
    server = sandbox.ask(
        engine,
        "run",
        "--detach",
        "--network",
        f"container:{name}",
        *mounts,
        "--entrypoint",
        "python",
        image,
        "-c",
        _SERVE,
    )
    try:
        for attempt in range(100):
            try:
                sandbox.ask(engine, "exec", server, "python", "-c", _LISTENING)
                break
            except RuntimeError:
                if attempt == 99:
                    raise
        yield
    finally:
        sandbox.ask(engine, "rm", "--force", "--time", "0", server)


@contextlib.contextmanager
def _watched(engine: str, name: str) -> Iterator[list[float]]:
    """Megabytes of the function's processes and its /tmp, sampled every 20 ms, without the page cache."""
    pid = sandbox.ask(engine, "inspect", "--format", "{{.State.Pid}}", name)
    lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    place = next((f"memory{path}" for _, kind, path in lines if kind == "memory"), None) or lines[-1][
        2
    ].lstrip("/")
    table, held, over = Path("/sys/fs/cgroup", place, "memory.stat"), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            with contextlib.suppress(OSError):
                now = dict(line.split() for line in table.read_text().splitlines())
                anonymous = now.get("total_rss") or now["anon"]
                shared = now.get("total_shmem") or now["shmem"]
                held.append((int(anonymous) + int(shared)) / 1e6)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield held
    finally:
        over.set()
        thread.join()
