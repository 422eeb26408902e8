"""Settle strategies: how often the picture equals a patient wait, and what that costs over `load`."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import BrowserContext

from stillframe.page.session import PageSession
from stillframe.steps.settle import TimeStoodStill
from stillframe.steps.settle.virtual_time import settle_in_virtual_time

from . import stats
from .corpus import BenchPage
from .floor import SCROLL, VIEW, bare_browser, hide_caret, leased, page_height, shoot, undisturbed
from .pictures import same
from .references import deterministic, references

FULLS = (False, True)
Strategy = Callable[[PageSession, bool], Awaitable[None]]
_READY = """async () => {
  await document.fonts.ready;
  const visible = [...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight);
  await Promise.allSettled(visible.map((i) => i.decode()));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


async def _load(session: PageSession, full: bool) -> None:
    if full:
        await session.page.evaluate(SCROLL)


async def _ready(session: PageSession, full: bool) -> None:
    await _load(session, full)
    await session.page.evaluate(_READY)


async def _networkidle(session: PageSession, full: bool) -> None:
    await _load(session, full)
    await session.page.wait_for_load_state("networkidle", timeout=15_000)


async def _virtual(session: PageSession, full: bool) -> None:
    await settle_in_virtual_time(session, 5000, 30_000 if full else None)


STRATEGIES: dict[str, Strategy] = {
    "load": _load,
    "ready": _ready,
    "networkidle": _networkidle,
    "virtual": _virtual,
}


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each kind of picture, share of pages and strategy."""
    rows = []
    names = ["load", "virtual"] if quick else list(STRATEGIES)
    async with bare_browser(whole=True) as browser:
        for full in FULLS:
            patient = await references(browser, base, pages, full=full)
            steady = [p for p in pages if deterministic(patient[p.name])]
            context = await browser.new_context(viewport=VIEW, service_workers="block")  # type: ignore[arg-type]
            seconds, right, wrong = defaultdict(list), defaultdict(set), defaultdict(set)
            for number in range(rounds):
                for page in steady:
                    for name in names if number % 2 else reversed(names):
                        took, data = await undisturbed(
                            _once, context, base + page.path, STRATEGIES[name], full
                        )
                        seconds[name, page.name].append(took)
                        equal = data is not None and any(same(data, p) for p in patient[page.name])
                        (right if equal else wrong)[name].add(page.name)
            rows += [
                _row(name, full, held, steady, seconds, right, wrong)
                for name in names
                for held in (False, True)
            ]
            for row in rows[-2 * len(names) :]:
                print(
                    f"  {row['what']}: {row['equal']} of {row['pages']} equal,"
                    f" {stats.show(row['over_load'], ' × load')}  {' '.join(row['wrong'])}"
                )
    return rows


def _row(
    name: str, full: bool, held_out: bool, steady: list[BenchPage], seconds: Any, right: Any, wrong: Any
) -> dict[str, Any]:
    chosen = [p.name for p in steady if p.held_out == held_out]
    always = [p for p in chosen if p in right[name] and p not in wrong[name]]
    ratios = [a / b for p in chosen for a, b in zip(seconds[name, p], seconds["load", p], strict=True)]
    return {
        "what": f"{name}, {'full page' if full else 'viewport'}, {'held out' if held_out else 'tuned on'}",
        "strategy": name,
        "full_page": full,
        "held_out": held_out,
        "pages": len(chosen),
        "equal": len(always),
        "over_load": stats.spread(ratios),
        "wrong": sorted(set(chosen) - set(always)),
    }


async def _once(
    context: BrowserContext, url: str, strategy: Strategy, full: bool
) -> tuple[float, bytes | None]:
    started = time.perf_counter()
    session = await leased(context)
    try:
        await session.page.goto(url, wait_until="load")
        await strategy(session, full)
        await hide_caret(session.cdp)
        data = await shoot(
            session.cdp, height=await page_height(session.page) if full else None, beyond=False
        )
        return time.perf_counter() - started, data
    except (TimeStoodStill, TimeoutError):
        return time.perf_counter() - started, None
    finally:
        await session.page.close()
