"""The overhead of each door: the time from event to answer, less the time of the service itself."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import ours, stats
from .corpus import BenchPage

ROOT = Path(__file__).parents[2]
_DOORS = ("direct_invoke", "http_api")


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Milliseconds per door; each in a process of its own, as on Lambda."""
    rows = []
    for door in _DOORS:
        environ = os.environ | {
            "EGRESS_ALLOW": ours.ALLOW,
            "AUTH_TOKEN": "b" * 40,
            "PYTHONPATH": _path(),
            "POWERTOOLS_TRACE_DISABLED": "1",
            "POWERTOOLS_METRICS_NAMESPACE": "bench",
            "LOG_LEVEL": "ERROR",
        }
        command = [
            sys.executable,
            "-m",
            "tests.bench.bench_overhead",
            door,
            base + pages[0].path,
            str(rounds * 5),
        ]
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        milliseconds = stats.spread(json.loads(done.stdout.strip().split("\n")[-1]))
        print(f"  {door}: {stats.show(milliseconds, ' ms')}")
        rows.append({"what": door, "milliseconds": milliseconds})
    return rows


def _path() -> str:
    return f"{ROOT}:{ROOT / 'layers/stillframe/python'}"


class _Context:
    aws_request_id = "00000000-0000-0000-0000-000000000000"
    function_name = "bench"
    memory_limit_in_mb = 2048
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:bench"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def _measure(door: str, url: str, times: int) -> list[float]:
    """In the door's process: wall clock of the handler less `total` of the capture's own timings."""
    import importlib
    import time

    handler = importlib.import_module(f"functions.{door}.handler").handler
    request = {
        "url": url,
        "window_width": 1280,
        "window_height": 720,
        "format": "jpeg",
        "wait_until": "load",
        "response_type": "json",
    }
    event: dict[str, Any] = request if door == "direct_invoke" else http_event(request)
    found = []
    for number in range(times + 2):
        started = time.perf_counter()
        answer = handler(event, _Context())
        took = (time.perf_counter() - started) * 1000
        body = answer if door == "direct_invoke" else json.loads(_body(answer))
        if "report" not in body:
            raise RuntimeError(f"no capture: {str(body)[:500]}")
        if number >= 2:
            inside = sum(ms for name, ms in body["report"]["timings"].items() if name != "total")
            found.append(took - inside)
    return found


def http_event(request: dict[str, Any]) -> dict[str, Any]:
    """The event that API Gateway makes of a POST of this request."""
    event: dict[str, Any] = json.loads((ROOT / "tests/events/http_api_v2.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/capture"
    event["requestContext"]["http"]["method"] = "POST"
    event["rawQueryString"] = ""
    event.pop("queryStringParameters", None)
    event["headers"] = {
        "content-type": "application/json",
        "authorization": "Bearer " + "b" * 40,
        "host": "bench",
    }
    event["body"], event["isBase64Encoded"] = json.dumps(request), False
    return event


def _body(answer: dict[str, Any]) -> str | bytes:
    return base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else str(answer["body"])


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))), flush=True)
    os._exit(0)
