"""Memory of all processes together after many captures, ours and the floor, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import floor, ours
from .bench_overhead import ROOT, _path
from .corpus import BenchPage


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Megabytes (PSS) at each checkpoint; `growth` from the first to the last."""
    checkpoints = [20, 60] if quick else [20, 100, 250, 500]
    rows = []
    for who in ("floor", "ours"):
        urls = [base + page.path for page in pages[:4]]
        command = [
            sys.executable,
            "-m",
            "tests.bench.bench_memory",
            who,
            json.dumps(urls),
            json.dumps(checkpoints),
        ]
        environ = os.environ | {"PYTHONPATH": _path(), "LOG_LEVEL": "ERROR"}
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=1800
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found = json.loads(done.stdout.strip().split("\n")[-1])
        rows.append({"what": who, "megabytes": found, "growth": round(found[-1][1] / found[0][1], 3)})
        print(f"  {who}: {found} MB after so many captures")
    rows.append(
        {
            "what": "ours over floor",
            "ratio": round(rows[1]["megabytes"][-1][1] / rows[0]["megabytes"][-1][1], 3),
        }
    )
    print(f"  ours over floor: {rows[-1]['ratio']:.2f}")
    return rows


def tree_megabytes(root: int) -> float:
    """Proportional set size of a process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        todo += children.get(pid, [])
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total / 1024


async def _floor(urls: list[str], checkpoints: list[int]) -> list[tuple[int, float]]:
    found = []
    async with floor.bare_browser() as browser:
        context = await browser.new_context(viewport=floor.VIEW)  # type: ignore[arg-type]
        for number in range(1, checkpoints[-1] + 1):
            await floor.capture(context, urls[number % len(urls)])
            if number in checkpoints:
                found.append((number, round(tree_megabytes(os.getpid()), 1)))
    return found


async def _ours(urls: list[str], checkpoints: list[int]) -> list[tuple[int, float]]:
    found = []
    async with ours.warm(workers=1) as runtime:
        for number in range(1, checkpoints[-1] + 1):
            await ours.take(runtime, urls[number % len(urls)])
            if number in checkpoints:
                found.append((number, round(tree_megabytes(os.getpid()), 1)))
    return found


if __name__ == "__main__":
    work = {"floor": _floor, "ours": _ours}[sys.argv[1]]
    print(json.dumps(asyncio.run(work(json.loads(sys.argv[2]), json.loads(sys.argv[3])))), flush=True)
    os._exit(0)
