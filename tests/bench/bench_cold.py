"""Cold start: from process start to the first image, two Lambda handlers against a bare script."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

from stillframe import import_cache
from stillframe.browser import driver_snapshot

from . import ours, stats
from .bench_overhead import ROOT, _path, http_event
from .corpus import CACHE, BenchPage

_IMAGE = CACHE / "image"

_SCRIPT = """
import sys, time, base64
began = float(sys.argv[2]); marks = []
mark = lambda name: marks.append((name, time.time() - began))
mark('interpreter')
import asyncio
from playwright.async_api import async_playwright
mark('import')
async def main():
    p = await async_playwright().start(); mark('driver')
    b = await p.chromium.launch(executable_path=sys.argv[3]); mark('launch')
    page = await b.new_page(viewport={'width': 1280, 'height': 720}); mark('page')
    await page.goto(sys.argv[1]); mark('load')
    cdp = await page.context.new_cdp_session(page)
    shot = await cdp.send('Page.captureScreenshot', {'format': 'png', 'optimizeForSpeed': True})
    base64.b64decode(shot['data']); mark('shoot')
    import json; print(json.dumps(marks), flush=True)
    await b.close(); await p.stop()
asyncio.run(main())
"""
_OURS = """
import sys, time, json, os
began = float(sys.argv[2]); marks = []
mark = lambda name: marks.append((name, time.time() - began))
mark('interpreter')
from functions.DOOR.handler import handler
mark('import')
asked = json.loads(sys.argv[3])
answer = handler(asked, None)
if 'body' in answer:
    answer = json.loads(answer['body'])
assert 'file' in answer, answer
mark('capture')
marks += [('  ' + k, v / 1000) for k, v in answer['report']['timings'].items()]
print(json.dumps(marks), flush=True)
from stillframe.browser.runtime import runtime
runtime.run(runtime.close())
os._exit(0)
"""


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Milliseconds of each phase, and the ratio to the script of the same round."""
    from stillframe.browser.chromium_path import find_chromium

    # What the image has, ours only: bytecode for all, the snapshot of the driver and the import cache.
    await asyncio.to_thread(_warm)
    url = base + pages[0].path
    request = {"url": url, "window_width": 1280, "window_height": 720, "response_type": "json"}
    direct, http = _OURS.replace("DOOR", "direct_invoke"), _OURS.replace("DOOR", "http_api")
    scripts = {
        "script floor": (_SCRIPT, find_chromium()),
        "direct invocation": (direct, json.dumps(request)),
        "direct invocation, load only": (direct, json.dumps(request | {"wait_until": "load"})),
        "HTTP": (http, json.dumps(http_event(request))),
    }
    totals: dict[str, list[float]] = {name: [] for name in scripts}
    work: dict[str, list[float]] = {name: [] for name in scripts}
    phases: dict[str, dict[str, list[float]]] = {name: {} for name in scripts}
    for number in range(rounds + 1):
        for name, (script, extra) in scripts.items():
            marks, seconds = await asyncio.to_thread(_start, script, url, extra)
            # The first round writes the bytecode that an image brings along.
            if number:
                totals[name].append([s for phase, s in marks if not phase.startswith("  ")][-1] * 1000)
                work[name].append(seconds)
                for phase, seconds in _steps(marks):
                    phases[name].setdefault(phase, []).append(seconds * 1000)
    rows = []
    for name in scripts:
        over, cpu = (_over(found[name], found["script floor"]) for found in (totals, work))
        steps = {phase: stats.spread(values)["median"] for phase, values in phases[name].items()}
        print(
            f"  {name}: {stats.show(over, ' × script')}, {stats.show(cpu, ' × its processor time')},"
            f" {stats.spread(totals[name])['median']:.0f} ms {json.dumps(steps)}"
        )
        rows.append(
            {
                "what": name,
                "over_script": over,
                "processor_time_over_script": cpu,
                "milliseconds": stats.spread(totals[name]),
                "phases": steps,
            }
        )
    return rows


def _over(ours: list[float], floor: list[float]) -> dict[str, float]:
    return stats.spread([a / b for a, b in zip(ours, floor, strict=True)])


def _warm() -> None:
    """Build what the image brings along, by the program that builds it there."""
    command = [sys.executable, "functions/image/warm.py", str(_IMAGE)]
    subprocess.run(command, cwd=ROOT, env=_environment(), timeout=300, check=True, capture_output=True)


def _environment() -> dict[str, str]:
    """The environment of a process that keeps its bytecode."""
    environ = os.environ | {"PYTHONPATH": _path(), "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ


def _start(script: str, url: str, extra: str) -> tuple[list[tuple[str, float]], float]:
    """The marks, and the processor seconds of the script with its driver and browser."""
    environ = _environment() | {
        "EGRESS_ALLOW": ours.ALLOW,
        "LOG_LEVEL": "ERROR",
        "AUTH_TOKEN": "b" * 40,
        driver_snapshot.VARIABLE: str(_IMAGE / "node/driver.blob"),
        import_cache.VARIABLE: str(_IMAGE / "imports.bin"),
    }
    command = [sys.executable, "-c", script, url, str(time.time()), extra]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The functions write their metrics to the same stream.
    line = next(line for line in done.stdout.split("\n") if line.startswith("[["))
    marks = [(name, seconds) for name, seconds in json.loads(line)]
    return marks, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _steps(marks: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Points in time as durations; what stands indented is one already."""
    steps, last = [], 0.0
    for name, seconds in marks:
        if name.startswith("  "):
            steps.append((name.strip(), seconds))
        else:
            steps.append((name, seconds - last))
            last = seconds
    return steps
