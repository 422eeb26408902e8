"""Unseen real pages through the whole product: viewport, full page, element and PDF against a patient wait.

STILLFRAME_BENCH_KEEP names a directory for the pictures that differ.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from pypdf import PdfReader

from stillframe.browser.runtime import Runtime

from . import stats
from .corpus import BenchPage, unseen
from .floor import VIEW, bare_browser
from .ours import take, warm
from .pictures import same
from .references import PATIENCE, deterministic, references

# The element of each page: the one in the middle of these.
_ELEMENTS = ":is(table, form, section, canvas, ul, p, h1, h2):visible"
_PATH = """(el) => {
  const steps = [];
  for (let e = el; e.parentElement; e = e.parentElement)
    steps.unshift(`${e.localName}:nth-child(${[...e.parentElement.children].indexOf(e) + 1})`);
  return steps.join(' > ');
}"""
_KEEP = os.environ.get("STILLFRAME_BENCH_KEEP")


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each kind of output."""
    del pages, rounds
    chosen = unseen()[::12] if quick else unseen()
    async with bare_browser(whole=True) as browser, warm() as runtime:
        rows = []
        for full in (False, True):
            rows.append(await _pictures(browser, runtime, base, chosen, full=full))
        rows.append(await _elements(browser, runtime, base, chosen))
        rows.append(await _prints(browser, runtime, base, chosen))
    for row in rows:
        print(f"  {row['what']}: {row['equal']} of {row['pages']} {row['wrong']}")
    return rows


async def _pictures(
    browser: Browser, runtime: Runtime, base: str, pages: list[BenchPage], *, full: bool
) -> dict[str, Any]:
    patient = await references(browser, base, pages, full=full)
    steady = [page for page in pages if deterministic(patient[page.name])]
    wrong = []
    for page in steady:
        _, result = await take(runtime, base + page.path, full_page=full)
        assert result.report.target.status == 200, page
        data = result.artifact.data
        if not any(same(data, picture) for picture in patient[page.name]):
            warnings = [w["code"] for w in result.report.warnings]
            wrong.append(f"{page.name}{warnings or ''}")
            _keep(page, "full" if full else "view", data, patient[page.name][0])
    return _row("full page" if full else "viewport", len(steady), wrong)


async def _elements(browser: Browser, runtime: Runtime, base: str, pages: list[BenchPage]) -> dict[str, Any]:
    wrong, tried = [], 0
    context = await browser.new_context(viewport=VIEW, service_workers="block")  # type: ignore[arg-type]
    for bench in pages:
        page = await context.new_page()
        try:
            await page.goto(base + bench.path, wait_until="load")
            await page.wait_for_timeout(1000 * PATIENCE)
            found = page.locator(_ELEMENTS)
            element = found.nth(await found.count() // 2)
            selector = await element.evaluate(_PATH)
            pictures = [await element.screenshot(caret="hide", timeout=10_000) for _ in range(2)]
        except Exception as error:
            print(f"  no reference for {bench.name}: {error}")
            continue
        finally:
            await page.close()
        if not same(*pictures):
            continue
        tried += 1
        _, result = await take(runtime, base + bench.path, selector=selector)
        data = result.artifact.data
        if not same(data, pictures[0]):
            wrong.append(bench.name)
            _keep(bench, "element", data, pictures[0])
    await context.close()
    return _row("element", tried, wrong)


async def _prints(browser: Browser, runtime: Runtime, base: str, pages: list[BenchPage]) -> dict[str, Any]:
    """PDFs of as many pages and the same words as a patient print, and their time over a full-page PNG."""
    wrong, ratios = [], []
    context = await browser.new_context(viewport=VIEW, service_workers="block")  # type: ignore[arg-type]
    for bench in pages:
        page = await context.new_page()
        await page.goto(base + bench.path, wait_until="load")
        await page.wait_for_timeout(1000 * PATIENCE)
        expected = PdfReader(io.BytesIO(await page.pdf(format="A4", print_background=True)))
        await page.close()
        took, result = await take(runtime, base + bench.path, format="pdf")
        picture, _ = await take(runtime, base + bench.path, full_page=True)
        ratios.append(took / picture)
        found = PdfReader(io.BytesIO(result.artifact.data))
        missing = _words(expected) - _words(found)
        if len(found.pages) != len(expected.pages) or len(missing) > 0.01 * len(_words(expected)):
            wrong.append(
                f"{bench.name}[{len(found.pages)}/{len(expected.pages)} pages, -{len(missing)} words]"
            )
    await context.close()
    return _row("PDF", len(pages), wrong) | {"over_full_page": stats.spread(ratios)}


def _words(document: PdfReader) -> set[str]:
    return {word for page in document.pages for word in page.extract_text().split()}


def _row(what: str, pages: int, wrong: list[str]) -> dict[str, Any]:
    return {"what": what, "pages": pages, "equal": pages - len(wrong), "wrong": wrong}


def _keep(page: BenchPage, kind: str, ours: bytes, reference: bytes) -> None:
    if _KEEP:
        stem = Path(_KEEP) / f"{kind}-{page.name.replace('/', '+')}"
        stem.parent.mkdir(parents=True, exist_ok=True)
        Path(f"{stem}.ours.png").write_bytes(ours)
        Path(f"{stem}.patient.png").write_bytes(reference)
