"""Captures at once on the local runtime against one after the other."""

from __future__ import annotations

import os
from typing import Any

from . import ours, stats
from .corpus import BenchPage


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Throughput of eight captures asked for at once over that of one slot."""
    urls = [base + page.path for page in (pages * 8)[:8]]
    ratios: dict[int, list[float]] = {}
    slots = sorted({2, os.cpu_count() or 2, 4})
    async with ours.warm(workers=1) as single:
        await ours.together(single, urls)
        for count in slots:
            async with ours.warm(workers=count) as several:
                await ours.together(several, urls)
                for _ in range(rounds):
                    alone = await ours.together(single, urls)
                    at_once = await ours.together(several, urls)
                    ratios.setdefault(count, []).append(alone / at_once)
    rows = [
        {"what": f"8 captures at once, {n} slots", "throughput_over_one": stats.spread(r)}
        for n, r in ratios.items()
    ]
    for row in rows:
        print(f"  {row['what']}: {stats.show(row['throughput_over_one'], ' ×')}")
    return rows
