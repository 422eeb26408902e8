"""The main content of documentation and articles against gold that was made by reading the pages."""

from __future__ import annotations

import logging
import statistics
from typing import Any

from . import content_gold, ours, stats
from .content_gold import compare, file, gold
from .corpus import BenchPage

PAGES = sum(len(site.pages + site.held_out) for site in content_gold.SITES)
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """A row for each page, then the means of the pages that it was tuned on and of those held out."""
    rows: list[dict[str, Any]] = []
    async with ours.warm() as runtime:
        for site in content_gold.SITES:
            root = content_gold.fetch(site)
            for page in (*site.pages, *site.held_out):
                wanted = gold(site, page)
                assert len(wanted.split()) > 50, f"{site.package}/{page}: the gold is not on the page"
                url = f"{base}{root}/{site.folder}/{page}"
                taken = [
                    (await ours.take(runtime, url, format="text", content="main"))[1] for _ in range(rounds)
                ]
                whole = (await ours.take(runtime, url, format="text"))[1].artifact.data.decode()
                f1, precision, recall = compare(taken[0].artifact.data.decode(), wanted)
                rows.append(
                    {
                        "what": f"{site.name}/{page.removesuffix('.html')}",
                        "held_out": page in site.held_out,
                        "words": len(wanted.split()),
                        "F1": round(f1, 3),
                        "precision": round(precision, 3),
                        "recall": round(recall, 3),
                        "trafilatura_alone": round(compare(_alone(site, page), wanted)[0], 3),
                        "whole_page": round(compare(whole, wanted)[0], 3),
                        "encode_milliseconds": stats.spread([t.report.timings["encode"] for t in taken]),
                    }
                )
                print(f"  {rows[-1]['what']}: {rows[-1]['F1']}", flush=True)
    return rows + [_mean(rows, held_out) for held_out in (False, True)]


def _alone(site: content_gold.Site, page: str) -> str:
    """The text that trafilatura itself extracts from the file, at its best of four ways."""
    import trafilatura

    return trafilatura.extract(file(site, page).read_bytes(), include_comments=False, favor_recall=True) or ""


def _mean(rows: list[dict[str, Any]], held_out: bool) -> dict[str, Any]:
    some = [row for row in rows if row["held_out"] == held_out]
    names = ("F1", "precision", "recall", "trafilatura_alone", "whole_page")
    return {
        "what": f"mean of {len(some)} pages {'held out' if held_out else 'tuned on'}",
        "held_out": held_out,
        **{name: round(statistics.fmean(row[name] for row in some), 3) for name in names},
    }
