"""A random sequence of captures of every kind by changing callers: each answers as its page does alone.

`STILLFRAME_SEAM_SEQUENCE` is the number of captures, 150 by default, and `STILLFRAME_SEAM_SEED` the seed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from farm import Farm, Reply, Seen, html, redirect
from seam import CallerShooter

from stillframe.egress import EgressPolicy
from stillframe.errors import CaptureError

pytestmark = [pytest.mark.browser, pytest.mark.timeout(7200)]

LENGTH = int(os.environ.get("STILLFRAME_SEAM_SEQUENCE", "150"))
SEED = os.environ.get("STILLFRAME_SEAM_SEED", "1")
CALLERS = ("a", "b", "c")

_LEFT = (
    "document.cookie = 'left=1;path=/;max-age=999'; localStorage.left = 1;"
    " for (const e of ['pagehide', 'unload']) addEventListener(e, () => navigator.sendBeacon('/late'));"
)
_SHOW = "document.body.style.background = (document.cookie || localStorage.left) ? 'red' : 'rgb(0,160,0)';"
_BIG = "<div style='height:6000px;background:linear-gradient(blue,green)'></div>"

# Page and the options of its capture. What a page shows depends on nothing but itself, but for `state`,
# which turns red when an earlier capture left it something.
PAGES: dict[str, str] = {
    "plain": "<body style='background:rgb(0,0,160)'>",
    "state": f"<body><script>{_SHOW}{_LEFT}</script>",
    "big": f"<body style='margin:0'>{_BIG}",
    "hanging": (
        f"<body style='background:rgb(160,0,0)'><script>{_LEFT}"
        " for (let i = 0; i < 6; i++) fetch('/endless?' + i)</script>"
    ),
    "pop-up": f"<body style='background:rgb(0,160,160)'><script>{_LEFT} open('/state'); open('/crash')"
    "</script>",
    "download": (
        "<body style='background:rgb(160,0,160)'><a id=a href='/file' download>x</a>"
        "<script>document.getElementById('a').click()</script>"
    ),
    "endless-script": "<body><script>for (;;) ;</script>",
    "malformed-frame": "<body style='background:rgb(9,9,9)'>"
    "<iframe src='http://foo..com/' width=99></iframe>",
    "dialog": "<body style='background:rgb(70,70,70)'><script>alert(1); confirm(2)</script>",
    "crash": "<body>crash<script>setInterval(() => fetch('/crash-now'), 50)</script>",
    # Only one of the frames writes: two would race, and the page would not be the same twice even alone.
    "frames": "<body style='background:rgb(50,90,50)'><iframe src='/state'></iframe>"
    "<iframe src='/waiting'></iframe>",
    "waiting": "<body><script>fetch('/endless?waiting')</script>",
}
KINDS: dict[str, dict[str, Any]] = {
    **{name: {"path": f"/{name}"} for name in PAGES if name not in ("endless-script", "crash", "big")},
    "small": {"path": "/state", "window_width": 64, "window_height": 48},
    "big": {"path": "/big", "full_page": True},
    "private": {"path": "/state", "custom_headers": {"X-Private": "1"}},
    "endless-script": {"path": "/endless-script", "timeout": 700},
    "crash": {"path": "/crash", "wait_for_selector": "#never", "timeout": 8000},
    "redirect": {"path": "/to-state"},
    "denied": {"url": "http://127.0.0.2:81/"},
    "redirect-to-denied": {"path": "/to-denied"},
    "malformed": {"url": "http://foo..com/"},
    "redirect-to-malformed": {"path": "/to-malformed"},
    "never": {"path": "/endless", "timeout": 500},
    "deadline": {"path": "/hanging", "wait_for_selector": "#never", "timeout": 600},
    "file": {"path": "/file"},
    "unknown-name": {"url": "http://nowhere.invalid/"},
}


@pytest.fixture(scope="module", params=[1, 2], ids=["one-slot", "two-slots"])
def shooter(_farm: Farm, request: pytest.FixtureRequest) -> Iterator[CallerShooter]:
    _farm.site.routes.clear()
    policy = EgressPolicy.from_settings(f"127.0.0.1:{_farm.site.port}", "", {})
    made = CallerShooter(_farm, policy, workers=request.param, queue_size=50)
    made.home = _farm.home

    def endless(_: Seen) -> Reply:
        _farm.site.closing.wait(5)
        return 200, {}, b""

    def crash(_: Seen) -> Reply:
        made.crash_pages("/crash")
        return 200, {}, b""

    for name, page in PAGES.items():
        _farm.serve(f"/{name}", html("<!doctype html>" + page))
    _farm.serve("/endless", endless)
    _farm.serve("/crash-now", crash)
    _farm.serve("/late", lambda _: (200, {"Set-Cookie": "left=2; Path=/"}, b""))
    _farm.serve("/file", lambda _: (200, {"Content-Disposition": "attachment"}, b"f" * 300_000))
    _farm.serve("/to-state", redirect("/state"))
    _farm.serve("/to-denied", redirect("http://127.0.0.2:81/"))
    _farm.serve("/to-malformed", redirect("http://foo..com/"))
    yield made
    made.close()


def outcome(shooter: CallerShooter, kind: str, caller: str) -> bytes | str:
    """The bytes of the picture, or the code of the error."""
    options = {"wait_until": "load", "window_width": 320, "window_height": 200, "timeout": 15_000}
    options |= {"url": shooter.home + KINDS[kind]["path"]} if "path" in KINDS[kind] else {}
    options |= {name: value for name, value in KINDS[kind].items() if name != "path"}
    try:
        return shooter.shoot(caller=caller, format="png", **options).artifact.data
    except CaptureError as error:
        return error.code


def test_every_capture_of_a_sequence_answers_as_it_does_alone(shooter: CallerShooter) -> None:
    alone = {kind: outcome(shooter, kind, f"alone with {kind}") for kind in KINDS}
    assert sum(isinstance(value, bytes) for value in alone.values()) >= 10, alone.keys()
    luck = random.Random(SEED)
    todo = [(luck.choice(list(KINDS)), luck.choice(CALLERS)) for _ in range(LENGTH)]

    def one(number: int) -> str:
        kind, caller = todo[number]
        got = outcome(shooter, kind, caller)
        # A deadline of less than a second is missed on a busy machine, which is an answer of its own.
        if got == alone[kind] or (got == "deadline_exceeded" and "timeout" in KINDS[kind]):
            return ""
        shown = [v if isinstance(v, str) else f"{len(v)} bytes" for v in (got, alone[kind])]
        before = todo[max(0, number - 2) : number]
        return f"{number} {kind} by {caller} after {before}: {shown[0]}, alone {shown[1]}"

    with ThreadPoolExecutor(shooter.runtime.slot_count()) as pool:
        wrong = [text for text in pool.map(one, range(LENGTH)) if text]
    assert wrong == []
