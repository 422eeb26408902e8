"""Warm captures by other services beside ours, each through its own door, on the same pages and rounds.

The peers are installed in the folder that BENCH_PEERS names, where `npm install browserless puppeteer` made
`node_modules`, `bin/shot-scraper` is that of a virtual environment, and `browsers`, if it exists, is what
PLAYWRIGHT_BROWSERS_PATH should be. Pixashot is asked at the address that BENCH_PIXASHOT names. A peer that is
not there is reported as absent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

from playwright.async_api import Browser

from stillframe.browser.chromium_path import find_chromium

from . import floor, ours, stats
from .bench_overhead import ROOT, _path
from .corpus import BenchPage
from .pictures import same
from .references import deterministic, references

Take = Callable[[str], Awaitable[bytes]]

_START_SECONDS = 30
_CAPTURE_SECONDS = 60
_PEERS = Path(os.environ.get("BENCH_PEERS", "/nonexistent"))
# The server that a user of browserless would write.
_BROWSERLESS = """
const browser = require('browserless')({ headless: 'shell', timeout: 30000 });
const width = Number(process.argv[2]), height = Number(process.argv[3]);
require('node:http').createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost').searchParams.get('url');
  const context = await browser.createContext();
  try {
    response.end(await context.screenshot(url, { viewport: { width, height, deviceScaleFactor: 1 } }));
  } catch (error) {
    response.writeHead(500).end(String(error));
  } finally {
    await context.destroyContext();
  }
}).listen(Number(process.argv[1]), '127.0.0.1');
process.on('SIGTERM', () => browser.close().finally(() => process.exit()));
"""


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """One row for each peer: its ratio to the floor of the same page and round, and how many are right."""
    async with contextlib.AsyncExitStack() as stack:
        bare = await stack.enter_async_context(floor.bare_browser())
        context = await bare.new_context(viewport=floor.VIEW, service_workers="block")  # type: ignore[arg-type]

        async def least(url: str) -> bytes:
            return (await floor.capture(context, url))[1]

        takes: dict[str, Take | None] = {
            "floor": least,
            "bare Playwright, new context": _new_context(bare),
            "Stillframe": await stack.enter_async_context(_stillframe()),
            "browserless": await stack.enter_async_context(_browserless()),
            "shot-scraper": _shot_scraper(),
            "Pixashot": _pixashot(),
        }
        there = {name: take for name, take in takes.items() if take is not None}
        async with floor.bare_browser(whole=True) as browser:
            patient = await references(browser, base, pages, full=False)
        seconds: dict[str, list[float]] = defaultdict(list)
        right: dict[str, int] = defaultdict(int)
        steady = 0
        for page in pages:
            steady += deterministic(patient[page.name])
            for number in range(rounds + 1):
                # Shuffled in every round, so that nobody always comes after the same neighbour.
                for name, take in Random(number).sample(list(there.items()), len(there)):
                    started = time.perf_counter()
                    picture = await floor.undisturbed(take, base + page.path)
                    if number:
                        seconds[name].append(time.perf_counter() - started)
                    elif deterministic(patient[page.name]):
                        right[name] += any(same(picture, seen) for seen in patient[page.name])
    return [_row(name, seconds, right[name], steady) if name in there else _absent(name) for name in takes]


def _row(name: str, seconds: dict[str, list[float]], right: int, steady: int) -> dict[str, Any]:
    ratio = stats.spread([a / b for a, b in zip(seconds[name], seconds["floor"], strict=True)])
    milliseconds = stats.spread([s * 1000 for s in seconds[name]])
    equal = f"{right} of {steady}"
    print(f"  {name}: {stats.show(ratio, ' × floor')}, {milliseconds['median']:.0f} ms, {equal} equal")
    return {"what": name, "over_floor": ratio, "milliseconds": milliseconds, "equal_to_a_patient_wait": equal}


def _absent(name: str) -> dict[str, Any]:
    print(f"  {name}: absent")
    return {"what": f"{name} (absent)"}


def _new_context(browser: Browser) -> Take:
    async def take(url: str) -> bytes:
        context = await browser.new_context(viewport=floor.VIEW)  # type: ignore[arg-type]
        try:
            page = await context.new_page()
            await page.goto(url, wait_until="load")
            return await page.screenshot()
        finally:
            await context.close()

    return take


@contextlib.asynccontextmanager
async def _stillframe() -> AsyncIterator[Take]:
    """The local server as `stillframe serve` starts it, asked by HTTP."""
    port = _free_port()
    environ = {"PYTHONPATH": _path(), "EGRESS_ALLOW": ours.ALLOW, "LOG_LEVEL": "ERROR"}
    main = "from stillframe.cli.main import main; main()"
    command = [sys.executable, "-c", main, "serve", "--port", str(port)]
    request = {"window_width": floor.VIEW["width"], "window_height": floor.VIEW["height"], "format": "png"}
    async with _server(command, port, environ):
        yield lambda url: _post(f"http://127.0.0.1:{port}/capture", request | {"url": url})


@contextlib.asynccontextmanager
async def _browserless() -> AsyncIterator[Take | None]:
    if not (_PEERS / "node_modules/browserless").exists():
        yield None
        return
    port = _free_port()
    view = [str(floor.VIEW["width"]), str(floor.VIEW["height"])]
    environ = {"NODE_PATH": str(_PEERS / "node_modules"), "PUPPETEER_EXECUTABLE_PATH": find_chromium()}
    async with _server(["node", "-e", _BROWSERLESS, str(port), *view], port, environ):
        yield lambda url: _get(f"http://127.0.0.1:{port}/?" + urllib.parse.urlencode({"url": url}))


def _shot_scraper() -> Take | None:
    """Its only door is the command line, so every capture of it starts a browser."""
    command = _PEERS / "bin/shot-scraper"
    if not command.exists():
        return None
    view = ["--width", str(floor.VIEW["width"]), "--height", str(floor.VIEW["height"])]

    async def take(url: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            str(command),
            url,
            *view,
            *("--output", "-", "--format", "png"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(_PEERS / "browsers")},
        )
        try:
            async with asyncio.timeout(_CAPTURE_SECONDS):
                picture, errors = await process.communicate()
        except TimeoutError:
            process.kill()
            raise
        if process.returncode:
            raise RuntimeError(errors.decode(errors="replace")[-500:])
        return picture

    return take


def _pixashot() -> Take | None:
    address = os.environ.get("BENCH_PIXASHOT")
    request = {"window_width": floor.VIEW["width"], "window_height": floor.VIEW["height"], "format": "png"}
    return (lambda url: _post(f"{address}/capture", request | {"url": url})) if address else None


@contextlib.asynccontextmanager
async def _server(command: list[str], port: int, environ: dict[str, str]) -> AsyncIterator[None]:
    """A server until the end of the block; killed with the processes that it started."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=os.environ | environ,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not await asyncio.to_thread(_listens, port):
                if process.returncode is not None:
                    raise RuntimeError(f"{command[0]} ended with {process.returncode}")
                await asyncio.sleep(0.1)
        yield
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _post(address: str, body: dict[str, Any]) -> bytes:
    headers = {"Content-Type": "application/json"}
    return await _ask(urllib.request.Request(address, json.dumps(body).encode(), headers))


async def _get(address: str) -> bytes:
    return await _ask(urllib.request.Request(address))


async def _ask(request: urllib.request.Request) -> bytes:
    def ask() -> bytes:
        with urllib.request.urlopen(request, timeout=_CAPTURE_SECONDS) as answer:
            body: bytes = answer.read()
            return body

    return await asyncio.to_thread(ask)
