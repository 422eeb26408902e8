"""Pages that flood memory: all processes together stay bounded, and the memory comes back.

Measured before driver and this process counted, with a limit of 600 MB for the browser: 60 messages of 20 MB
left 1,000 MB in all processes, and one page's worker took 1,965 MB.
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from collections.abc import Iterator

import pytest
from farm import Farm, html, redirect
from floods import FLOODS
from servers import Reply, Seen
from shoot import Shooter

from stillframe.browser import processes
from stillframe.errors import CaptureError

pytestmark = pytest.mark.browser

MB = 1_000_000
# What a flood may take above the idle service.
ROOM = 400 * MB
# What a page takes between two measurements, a tenth of a second apart, and until its browser has died.
BETWEEN = 250 * MB
# The largest part of the idle service that may stay after one ordinary capture.
STAYS = 1.1
# The ordinary outcomes, and the refusals that a flood may end with.
HONEST = {"captured", "memory_limit", "deadline_exceeded", "not_renderable", "result_too_large"}
# These are cut in the page, or are no load at all: nothing but a picture is right.
PICTURES = {
    "alerts",
    "console_error",
    "console_log",
    "console_log_of_errors",
    "console_log_of_many_arguments",
    "console_of_new_frames",
    "cookies",
    "local_storage",
}


class Sampler:
    """The peak of all processes of a runtime, measured in a thread of its own."""

    def __init__(self, shooter: Shooter) -> None:
        self._shooter, self.peak = shooter, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        while not self._ended.wait(0.02):
            self.peak = max(self.peak, used(self._shooter))

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def used(shooter: Shooter) -> int:
    """Private bytes of browser, driver and this process, found without the code under test."""
    instance = shooter.runtime.supervisor.instance
    roots = [*instance.driver_pids, *instance.pids[:1]] if instance else []
    # A browser that the driver started is in the tree of both.
    return processes.private_bytes({os.getpid(), *(p for root in roots for p in processes.tree(root))})


def websocket(seen: Seen) -> Reply:
    """The handshake; the frames that follow are reported when the page sends them."""
    key = seen.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
    return 101, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept}, b""


def serve_parts(farm: Farm) -> None:
    """What the floods ask their server for."""
    plain, huge = {"Content-Type": "text/plain"}, b"y" * 20_000_000
    farm.serve("/plain", html("<h1>plain</h1>"))
    farm.serve("/ok", lambda _: (200, plain, b"ok"))
    farm.serve("/huge", lambda _: (200, plain, huge))
    farm.serve("/headers", lambda _: (200, {**plain, "X-Big": "z" * 60_000}, b"ok"))
    farm.serve("/socket", websocket)
    farm.serve("/redirect", lambda _: redirect(f"/redirect?{'z' * 60_000}{len(farm.site.seen)}"))


@pytest.fixture(scope="module")
def limited(_farm: Farm) -> Iterator[tuple[Shooter, int]]:
    """A service whose limit is 400 MB above its idle size, and that size."""
    probe = Shooter(_farm)
    probe.shoot(html_content="<h1>warm</h1>")
    idle = used(probe)
    probe.close()
    shooter = Shooter(_farm, memory_limit_mb=(idle + ROOM) // MB)
    yield shooter, (idle + ROOM) // MB * MB
    shooter.close()


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_stays_under_the_limit_and_its_memory_comes_back(
    farm: Farm, limited: tuple[Shooter, int], name: str
) -> None:
    shooter, limit = limited
    flood = FLOODS[name]
    serve_parts(farm)
    farm.serve("/flood", html(flood.html()))
    for _ in range(2):
        shooter.shoot(url=farm.home + "/plain")
    before = used(shooter)
    options = {"timeout": 4_000, "wait_until": "load", "delay_capture": 500, "wait_for_timeout": 1_000}
    with Sampler(shooter) as sampler:
        try:
            shooter.shoot(url=farm.home + "/flood", **(options | flood.options))
            outcome = "captured"
        except CaptureError as error:
            outcome = error.code
    farm.site.seen.clear()
    shooter.shoot(url=farm.home + "/plain")
    after = used(shooter)
    print(f"{name}: {outcome}, peak {sampler.peak // MB} MB, {before // MB} to {after // MB} MB")
    assert outcome in ({"captured"} if name in PICTURES else HONEST)
    assert sampler.peak < limit + BETWEEN
    assert after < before * STAYS
