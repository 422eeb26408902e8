"""Tall pages: seconds and the largest memory of all processes, in one picture, in strips and in windows."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

from . import ours
from .bench_memory import tree_megabytes
from .corpus import BenchPage

# A row of coloured boxes, which no encoder packs away at once.
_ROW = (
    "<div style='height:100px;display:flex'>"
    + "".join(f"<i style='flex:1;background:hsl({h},70%,50%)'></i>" for h in range(0, 360, 6))
    + "</div>"
)
_BACKDROP = "<div style='position:fixed;inset:0;z-index:-1;background:linear-gradient(red,blue)'></div>"
# Name, rows of 100 px, what is in front of them, options.
_PAGES = [
    ("10,000 px, one picture", 100, "", {}),
    ("10,000 px, windows", 100, _BACKDROP, {}),
    ("30,000 px, one picture", 300, "", {}),
    ("70,000 px, strips", 700, "", {}),
    ("70,000 px, strips, jpeg", 700, "", {"format": "jpeg"}),
    ("70,000 px, scaled, webp", 700, "", {"format": "webp"}),
]
_SECONDS = 0.05


class _Peak:
    """The largest memory of this process and all below it while the block runs, in megabytes."""

    def __enter__(self) -> _Peak:
        self.megabytes = tree_megabytes(os.getpid())
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(_SECONDS):
            self.megabytes = max(self.megabytes, tree_megabytes(os.getpid()))

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Per page the fastest of the rounds in seconds, the largest memory, and the size of the picture."""
    rows = []
    async with ours.warm(workers=1) as runtime:
        await ours.take(runtime, base + pages[0].path)
        for name, count, front, options in _PAGES:
            html = f"<!doctype html><style>body{{margin:0}}</style>{front}" + _ROW * count
            seconds, peak = [], 0.0
            for _ in range(rounds):
                with _Peak() as memory:
                    took, result = await _take(runtime, html, options)
                seconds.append(took)
                peak = max(peak, memory.megabytes)
            part = result.artifact
            rows.append(
                {
                    "what": name,
                    "seconds": round(min(seconds), 2),
                    "peak_MB": round(peak),
                    "pixels": f"{part.width}×{part.height}",
                    "file_MB": round(len(part.data) / 1e6, 1),
                }
            )
            print(f"  {rows[-1]}", flush=True)
    return rows


async def _take(runtime: Any, html: str, options: dict[str, Any]) -> tuple[float, Any]:
    from stillframe.doors import LOCAL
    from stillframe.request import parse
    from stillframe.service import capture

    request = parse(
        {"html_content": html, "full_page": True, "window_width": 1280, "window_height": 800, **options}
    )
    loop = asyncio.get_running_loop()
    started = loop.time()
    result = await capture(request, LOCAL, browser=runtime)
    return loop.time() - started, result
