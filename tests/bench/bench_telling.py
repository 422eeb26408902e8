"""What verdict, metrics and receipt of a capture cost."""

from __future__ import annotations

import contextlib
import io
import os
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any
from unittest import mock

from stillframe import pipeline, telemetry
from stillframe.browser.watchdog import Watchdog
from stillframe.telemetry import captures
from stillframe.telemetry.captures import Ending
from stillframe.telemetry.emf import EmfSink
from stillframe.verdict import Verdict

from . import floor, ours, stats
from .corpus import BenchPage

_SILENT = Verdict()


@contextlib.contextmanager
def _verdict_off() -> Iterator[None]:
    """No look at the page, no look at the picture's pixels, no findings."""

    async def look(*_: Any) -> None:
        return None

    with (
        mock.patch.object(pipeline.inspection, "inspect", look),
        mock.patch.object(pipeline.blank, "of_pictures", return_value=""),
        mock.patch.object(pipeline.judge, "judge", return_value=_SILENT),
    ):
        yield


@contextlib.contextmanager
def _metrics_off() -> Iterator[None]:
    """No log line and no record in CloudWatch's embedded metric format."""
    with mock.patch.object(Ending, "tell"):
        yield


@contextlib.contextmanager
def _receipt_off() -> Iterator[None]:
    """No measurement of memory, which is the receipt's dearest figure and limits the browser too."""

    @contextlib.contextmanager
    def watching(*_: Any) -> Iterator[None]:
        yield

    with mock.patch.object(Watchdog, "watching", watching):
        yield


@contextlib.contextmanager
def _all_off() -> Iterator[None]:
    with _verdict_off(), _metrics_off(), _receipt_off():
        yield


_WITHOUT = {
    "verdict, metrics and receipt": _all_off,
    "verdict": _verdict_off,
    "metrics": _metrics_off,
    "receipt": _receipt_off,
}


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Milliseconds of each part: a whole capture less one of the same page and round without the part."""
    added = defaultdict(list)
    async with ours.warm(workers=1) as runtime:
        with (
            mock.patch.dict(os.environ, {"POWERTOOLS_METRICS_NAMESPACE": "bench"}),
            mock.patch.object(telemetry, "sinks", [EmfSink()]),
            mock.patch.object(captures, "sinks", [EmfSink()]),
        ):
            for page in pages:
                for number in range(rounds + 1):
                    took = await _round(runtime, base + page.path, number)
                    for name in _WITHOUT if number else ():
                        added[name].append((took["all"] - took[name]) * 1000)
    rows = []
    for name, milliseconds in added.items():
        rows.append({"what": name, "milliseconds": stats.spread(milliseconds)})
        print(f"  {name}: {stats.show(rows[-1]['milliseconds'], ' ms')}")
    return rows


async def _round(runtime: Any, url: str, number: int) -> dict[str, float]:
    """Seconds of a capture with all, and of one without each part, in an order of the round's own."""
    took = {}
    for name in Random(number).sample(["all", *_WITHOUT], len(_WITHOUT) + 1):
        with _WITHOUT[name]() if name != "all" else contextlib.nullcontext(), _lines() as written:
            took[name], result = await floor.undisturbed(ours.take, runtime, url)
        # A part that was not left out, or not measured, would make the difference worthless.
        if (result.report.verdict is _SILENT) == (name not in ("verdict", "verdict, metrics and receipt")):
            raise RuntimeError(f"{name}: the verdict")
        # A browser that was replaced is counted by itself.
        if ('"Captures"' in written.getvalue()) == (name in ("metrics", "verdict, metrics and receipt")):
            raise RuntimeError(f"{name}: the record of metrics")
    return took


@contextlib.contextmanager
def _lines() -> Iterator[io.StringIO]:
    """The standard output of this process, to which Lambda's sink writes."""
    with contextlib.redirect_stdout(io.StringIO()) as written:
        yield written
