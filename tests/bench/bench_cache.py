"""The time that the HTTP cache of a reused context saves, with and without network latency."""

from __future__ import annotations

from typing import Any

from . import ours, stats
from .corpus import BenchPage, served


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Shared over fresh context, second and later captures of a page."""
    rows = []
    for latency in (0, 20):
        with served(latency) as site:
            async with ours.warm() as shared, ours.warm(browser_isolation="fresh") as fresh:
                ratios, saved = [], []
                for page in pages:
                    for runtime in (shared, fresh):
                        await ours.take(runtime, site + page.path, wait_until="load")
                    for number in range(rounds):
                        took = {}
                        for name, runtime in [("shared", shared), ("fresh", fresh)][
                            :: 1 if number % 2 else -1
                        ]:
                            took[name], _ = await ours.take(runtime, site + page.path, wait_until="load")
                        ratios.append(took["shared"] / took["fresh"])
                        saved.append((took["fresh"] - took["shared"]) * 1000)
        row = {
            "what": f"shared over fresh context, {latency} ms for each answer",
            "over_fresh": stats.spread(ratios),
            "saved_ms": stats.spread(saved),
        }
        print(
            f"  {row['what']}: {stats.show(row['over_fresh'], ' ×')}, saves"
            f" {stats.show(row['saved_ms'], ' ms')}"
        )
        rows.append(row)
    return rows
