"""Memory of all processes together after many captures, ours and the floor, each in a process of its own.

What other programs of the machine share with these processes does not change the result: Chromium's program
alone is 80 MB, which the proportional set size divides by every browser that runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import floor, ours
from .bench_overhead import ROOT, _path
from .corpus import BenchPage

# Captures that are measured at a checkpoint.
_SAMPLES = 11


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Megabytes at each checkpoint; `growth` from the first to the largest, `ratio` where it is largest."""
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
        rows.append(
            {"what": who, "megabytes": found, "growth": round(max(mb for _, mb in found) / found[0][1], 3)}
        )
        print(f"  {who}: {found} MB after so many captures")
    rows.append(
        {
            "what": "ours over floor",
            "ratio": max(
                round(b / a, 3)
                for (_, a), (_, b) in zip(rows[0]["megabytes"], rows[1]["megabytes"], strict=True)
            ),
        }
    )
    print(f"  ours over floor: {rows[-1]['ratio']:.2f}")
    return rows


def tree_megabytes(root: int) -> float:
    """Memory of a process and all below it: what is their own, and what they map of each file once."""
    own = 0
    files: dict[tuple[str, str, str], int] = defaultdict(int)
    for pid in _tree(root):
        try:
            text = Path(f"/proc/{pid}/smaps").read_text()
        except OSError:
            continue
        for (device, inode, offset), size in _mappings(text):
            if inode == "0":
                own += size["Pss"]
                continue
            # A page of a file that was written to is the process's own, shared with those forked from it.
            own += min(size["Anonymous"], size.get("Pss_Dirty", size["Anonymous"]))
            # The processes of a browser read the same pages of a file: the most of one stands for all.
            place = device, inode, offset
            files[place] = max(files[place], size["Rss"] - size["Anonymous"])
    return (own + sum(files.values())) / 1024


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


_HEADER = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+) (\S+) (\d+)", re.MULTILINE)
_SIZE = re.compile(r"^(\w+): +(\d+) kB$", re.MULTILINE)


def _mappings(smaps: str) -> Iterator[tuple[tuple[str, str, str], dict[str, int]]]:
    """Device, inode and offset of each mapping of proc(5)'s `smaps`, with its sizes in kB."""
    headers = list(_HEADER.finditer(smaps))
    ends = [header.start() for header in headers[1:]] + [len(smaps)]
    for header, end in zip(headers, ends, strict=True):
        offset, device, inode = header.groups()
        sizes = {name: int(kb) for name, kb in _SIZE.findall(smaps, header.end(), end)}
        yield (device, inode, offset), sizes


class _Checkpoints:
    """The median of the captures up to each checkpoint: one sample tells when V8 last collected garbage."""

    def __init__(self, numbers: list[int]) -> None:
        self._samples: dict[int, list[float]] = {number: [] for number in numbers}

    def note(self, captures: int) -> None:
        for number, samples in self._samples.items():
            if number - _SAMPLES < captures <= number:
                samples.append(tree_megabytes(os.getpid()))

    def found(self) -> list[tuple[int, float]]:
        return [(number, round(statistics.median(samples), 1)) for number, samples in self._samples.items()]


async def _floor(urls: list[str], checkpoints: list[int]) -> list[tuple[int, float]]:
    memory = _Checkpoints(checkpoints)
    async with floor.bare_browser() as browser:
        context = await browser.new_context(viewport=floor.VIEW)  # type: ignore[arg-type]
        for number in range(1, checkpoints[-1] + 1):
            await floor.capture(context, urls[number % len(urls)])
            memory.note(number)
    return memory.found()


async def _ours(urls: list[str], checkpoints: list[int]) -> list[tuple[int, float]]:
    memory = _Checkpoints(checkpoints)
    async with ours.warm(workers=1) as runtime:
        for number in range(1, checkpoints[-1] + 1):
            await ours.take(runtime, urls[number % len(urls)])
            memory.note(number)
    return memory.found()


if __name__ == "__main__":
    work = {"floor": _floor, "ours": _ours}[sys.argv[1]]
    print(json.dumps(asyncio.run(work(json.loads(sys.argv[2]), json.loads(sys.argv[3])))), flush=True)
    os._exit(0)
