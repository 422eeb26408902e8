"""What blocking costs a capture of a page without banners and advertisements."""

from __future__ import annotations

from typing import Any

from . import ours
from .bench_isolation import small_and_sixty
from .bench_warm import Run, compare
from .corpus import BenchPage

PAGES = 2

_ADS = {"block_ads": True, "block_trackers": True}
_CONSENT = {"block_cookie_banners": True}
_ALL = (
    _ADS
    | _CONSENT
    | {"block_annoyances": True, "block_socials": True, "block_chats": True, "block_popups": True}
)


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each page and set of options: its ratio to the capture without any of the same round."""
    rows: list[dict[str, Any]] = []
    with small_and_sixty() as place:
        async with ours.warm() as runtime:

            def taking(**options: Any) -> Run:
                async def run(url: str) -> float:
                    return (await ours.take(runtime, url, **options))[0]

                return run

            runs: dict[str, Run] = {
                "unblocked": taking(),
                "ads and trackers": taking(**_ADS),
                "consent": taking(**_CONSENT),
                "everything": taking(**_ALL),
            }
            for name, path in (("small page", "/small"), ("60 images", "/")):
                page = BenchPage(name=name, path=path, held_out=False)
                rows += await compare(place, [page], rounds, runs, name, over="unblocked")
    return rows
