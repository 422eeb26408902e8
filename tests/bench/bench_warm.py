"""Warm captures by Stillframe and by the floor, alternating on the same pages in every format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from playwright.async_api import BrowserContext

from stillframe.browser.runtime import Runtime
from stillframe.egress import Budget, EgressGuard, EgressPolicy
from stillframe.result import CaptureResult

from . import corpus, floor, ours, stats
from .corpus import BenchPage
from .pictures import same
from .references import deterministic, references

Run = Callable[[str], Awaitable[float]]
# Response time in ms of a nearby web server. On loopback there is no waiting time that could be used.
_NEAR = 50


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each kind of capture: its ratio to the floor of the same page and round."""
    policy = EgressPolicy.from_settings(ours.ALLOW, "80,443", {})
    guard = EgressGuard(policy)
    guard.start()
    listener = guard.open_listener()
    listener.begin(Budget(bytes=10**12, connections=10**6, seconds=10**5))
    try:
        async with (
            floor.bare_browser() as bare,
            ours.warm() as shared,
            ours.warm(browser_isolation="fresh") as fresh,
        ):
            plain: dict[str, Any] = {"viewport": floor.VIEW, "service_workers": "block"}
            context = await bare.new_context(**plain)
            guarded = await bare.new_context(**plain, proxy={"server": listener.url})

            def raw(where: Any, format: str, full: bool) -> Run:
                async def run(url: str) -> float:
                    return (await floor.capture(where, url, format, full=full))[0]

                return run

            def mine(runtime: Any, format: str, full: bool, **options: Any) -> Run:
                async def run(url: str) -> float:
                    return (await ours.take(runtime, url, format=format, full_page=full, **options))[0]

                return run

            rows = []
            for full in (False, True):
                for format in ("png", "jpeg", "webp", "pdf"):
                    if format == "pdf" and full:
                        continue
                    runs: dict[str, Run] = {
                        "floor": raw(context, format, full),
                        "ours": mine(shared, format, full),
                    }
                    if format == "png":
                        runs["floor behind the guard"] = raw(guarded, format, full)
                        runs["ours, fresh context"] = mine(fresh, format, full)
                        runs["ours, load only"] = mine(shared, format, full, wait_until="load")
                        runs["ours, fresh context, load only"] = mine(fresh, format, full, wait_until="load")
                    if format == "pdf":
                        # It shows the whole page, which ours scrolls through.
                        runs["floor with the same scroll"] = raw(context, format, True)
                    what = f"{format}, {'full page' if full else 'viewport'}"
                    rows += await compare(base, pages, rounds, runs, what)
                rows.append(await _right(base, pages, context, shared, full=full))
            with corpus.served(_NEAR) as origin:
                runs = {
                    "floor": raw(context, "png", False),
                    "ours": mine(shared, "png", False),
                    "ours, load only": mine(shared, "png", False, wait_until="load"),
                }
                rows += await compare(origin, pages, rounds, runs, f"png, viewport, answers after {_NEAR} ms")
            return rows
    finally:
        listener.end()
        guard.stop()


async def _right(
    base: str, pages: list[BenchPage], context: BrowserContext, runtime: Runtime, *, full: bool
) -> dict[str, Any]:
    """How many of the pictures that were timed equal a patient visitor's, so that fast but wrong shows."""
    async with floor.bare_browser(whole=True) as browser:
        patient = await references(browser, base, pages, full=full)
    steady = [page for page in pages if deterministic(patient[page.name])]
    right = {"floor": 0, "ours": 0}
    for page in steady:
        url = base + page.path
        pictures = {
            "floor": (await floor.undisturbed(_bare, context, url, full))[1],
            "ours": (await floor.undisturbed(_picture, runtime, url, full))[1].artifact.data,
        }
        for name, picture in pictures.items():
            right[name] += any(same(picture, seen) for seen in patient[page.name])
    what = f"png, {'full page' if full else 'viewport'}: equal to a patient wait, of {len(steady)} pages"
    print(f"  {what}: {right}")
    return {"what": what, "equal": right}


async def _bare(context: BrowserContext, url: str, full: bool) -> tuple[float, bytes]:
    return await floor.capture(context, url, full=full)


async def _picture(runtime: Runtime, url: str, full: bool) -> tuple[float, CaptureResult]:
    return await ours.take(runtime, url, full_page=full)


async def compare(
    base: str, pages: list[BenchPage], rounds: int, runs: dict[str, Run], what: str, *, over: str = "floor"
) -> list[dict[str, Any]]:
    """A row for each run, with its ratio to the run `over` of the same page and round."""
    taken: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        for one in runs.values():
            await one(base + page.path)
        for number in range(rounds):
            # Shuffled in every round, so that nobody always comes after the same neighbour.
            for name, one in Random(number).sample(list(runs.items()), len(runs)):
                taken[name].append(await floor.undisturbed(one, base + page.path))
    rows = []
    for name in runs:
        ratio = stats.spread([a / b for a, b in zip(taken[name], taken[over], strict=True)])
        milliseconds = stats.spread([s * 1000 for s in taken[name]])
        rows.append({"what": f"{what}: {name}", f"over_{over}": ratio, "milliseconds": milliseconds})
        print(f"  {what}: {name}: {stats.show(ratio, f' × {over}')}, {milliseconds['median']:.0f} ms")
    return rows
