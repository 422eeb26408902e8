"""Faults of Chromium on Lambda, caused on purpose; after each one a capture succeeds."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import site_inside as site
from emulated import PNG, CaptureRefused, Confined, FunctionFailed

FREEZE_SECONDS = int(os.environ.get("STILLFRAME_FREEZE_SECONDS", "20"))
CAPTURES_IN_A_ROW = int(os.environ.get("STILLFRAME_CAPTURES", "100"))
Start = Callable[..., Confined]


@pytest.fixture
def sandbox(confined: Start) -> Start:
    """Starts the function with a page beside it that captures may reach."""

    def start(**options: Any) -> Confined:
        mounts = {Path(site.__file__): "/site/site_inside.py"}
        function = confined(mounts=mounts, EGRESS_ALLOW=f"127.0.0.1:{site.PORT}", **options)
        function.start("python", "/site/site_inside.py")
        return function

    return start


@pytest.fixture
def warm(sandbox: Start) -> Confined:
    """A sandbox that has captured already, and whose picture is known."""
    function = sandbox()
    assert function.capture().startswith(PNG)
    return function


@pytest.mark.parametrize("victim", ["browser", "renderer", "gpu", "network", "driver"])
def test_killed_between_captures(warm: Confined, victim: str) -> None:
    """The event loop stands still between invocations, so nobody has noticed when the next one begins."""
    before = warm.capture()
    if victim in ("gpu", "network") and not any(one.kind == victim for one in warm.processes()):
        pytest.skip(f"This Chromium has no {victim} process of its own here.")
    assert warm.signal(victim, signal.SIGKILL) >= 1
    assert [warm.capture() == before for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("victim", ["browser", "driver"])
def test_hanging_between_captures(warm: Confined, victim: str) -> None:
    """Alive and silent is worse than dead: it is noticed by the clock, and nothing of it may stay."""
    before = warm.capture()
    assert warm.signal(victim, signal.SIGSTOP) == 1
    assert [warm.capture() == before for _ in range(2)] == [True] * 2
    found = kinds(warm)
    assert (found.count("browser"), found.count("driver")) == (1, 1)


@pytest.mark.parametrize("victim", ["browser", "renderer", "driver"])
def test_killed_during_a_capture(warm: Confined, victim: str) -> None:
    """The capture is retried or reports the fault; the next one is not affected."""
    with in_flight(warm) as capture:
        assert warm.signal(victim, signal.SIGKILL) >= 1
        outcome(capture.result, {"browser_unavailable", "not_renderable", "deadline_exceeded"})
    assert warm.capture().startswith(PNG)


def test_killed_runtime_leaves_a_clean_sandbox(warm: Confined) -> None:
    """Lambda starts the function anew in the same sandbox; what the old one left in /tmp is swept."""
    before = warm.run("sh", "-c", "ls -A /tmp").split()
    warm.signal("runtime", signal.SIGKILL)
    with pytest.raises(FunctionFailed):
        warm.capture()
    assert warm.capture().startswith(PNG)
    assert len(warm.run("sh", "-c", "ls -A /tmp").split()) <= len(before)
    assert kinds(warm).count("browser") == 1


def test_frozen_between_captures(warm: Confined) -> None:
    """Lambda freezes a sandbox between invocations: the clock runs on and every timer is due at once."""
    before = warm.capture()
    launched = browser(warm)
    warm.pause()
    time.sleep(FREEZE_SECONDS)  # the freeze itself, not a wait for something
    warm.unpause()
    assert [warm.capture() == before for _ in range(3)] == [True] * 3
    assert browser(warm) == launched


def test_stopped_during_a_capture(warm: Confined) -> None:
    with in_flight(warm) as capture:
        warm.signal("all", signal.SIGSTOP)
        time.sleep(5)
        warm.signal("all", signal.SIGCONT)
        outcome(capture.result, {"deadline_exceeded", "browser_unavailable"})
    assert warm.capture().startswith(PNG)


def test_timeout_of_the_function_during_a_capture(sandbox: Start) -> None:
    """A runtime that cannot even answer is killed by Lambda; the next invocation starts cold and works."""
    function = sandbox(timeout=15)
    assert function.capture().startswith(PNG)
    with in_flight(function, timeout=60_000, ms=60_000) as capture:
        function.signal("all", signal.SIGSTOP)
        with pytest.raises(FunctionFailed, match=r"timed out|Timeout|exit"):
            capture.result(timeout=60)
    assert function.capture().startswith(PNG)
    assert kinds(function).count("browser") == 1
    assert kinds(function).count("zombie") == 0


def test_deadline_is_answered_before_lambda_ends_the_function(sandbox: Start) -> None:
    """A wait longer than the function is cut short: an image with a warning, or an error of the service."""
    function = sandbox(timeout=12)
    function.capture()
    launched = browser(function)
    with in_flight(function, timeout=60_000, ms=60_000) as capture:
        outcome(capture.result, {"deadline_exceeded"})
    assert function.capture().startswith(PNG)
    assert browser(function) == launched


def test_leftover_files_in_a_full_tmp_are_removed(warm: Confined) -> None:
    """Core dumps and abandoned profiles fill /tmp until nothing starts; they are ours to remove."""
    fill = "dd if=/dev/zero of=/tmp/core.chromium.7 bs=1M 2>/dev/null; df --output=avail /tmp | tail -1"
    assert int(warm.run("sh", "-c", fill)) < 1024
    assert warm.capture().startswith(PNG)
    warm.signal("browser", signal.SIGKILL)
    assert warm.capture().startswith(PNG)
    assert int(warm.run("sh", "-c", "df --output=avail /tmp | tail -1")) > 300_000


def test_a_tmp_filled_by_others_is_reported(warm: Confined) -> None:
    """Files of other programs stay; the capture fails, and the service works once there is room."""
    warm.run("sh", "-c", "dd if=/dev/zero of=/tmp/theirs bs=1M 2>/dev/null; true")
    warm.signal("browser", signal.SIGKILL)
    # Two failed launches end the environment, which is the one thing that helps on Lambda.
    with contextlib.suppress(FunctionFailed):
        outcome(warm.capture, {"browser_unavailable", "storage_unavailable"})
    warm.run("rm", "/tmp/theirs")
    assert warm.capture().startswith(PNG)


def test_orphaned_processes_are_terminated_and_reaped(sandbox: Start) -> None:
    """Without an init process the function reaps: a browser whose driver died becomes its child."""
    function = sandbox(init=False)
    assert function.capture().startswith(PNG)
    for _ in range(3):
        function.signal("driver", signal.SIGKILL)
        assert function.capture().startswith(PNG)
    found = kinds(function)
    assert found.count("browser") == 1
    assert found.count("driver") == 1
    assert found.count("zombie") == 0


def test_the_sandbox_ends_when_the_browser_never_starts(sandbox: Start) -> None:
    """Two failed launches in a row end the process, because only a new sandbox can help on Lambda."""
    function = sandbox(CHROMIUM_PATH="/tmp/chromium")
    function.run("ln", "-s", "/bin/false", "/tmp/chromium")
    ended = False
    for _ in range(3):
        with contextlib.suppress(CaptureRefused):
            try:
                function.capture()
            except FunctionFailed:
                ended = True
                break
    assert ended
    assert "ending this environment" in function.log()
    function.run("ln", "-sf", "/usr/lib/chromium/chromium-headless-shell", "/tmp/chromium")
    assert function.capture().startswith(PNG)


BOMB = "<!doctype html><script>const all = []; for (;;) all.push(new Uint8Array(16 << 20).fill(7));</script>"


def test_memory_bomb(sandbox: Start) -> None:
    function = sandbox(memory=512)
    function.capture()
    with pytest.raises(CaptureRefused) as refused:
        function.capture(html_content=BOMB, timeout=20_000)
    assert refused.value.code in ("memory_limit", "not_renderable", "browser_unavailable")
    assert function.capture().startswith(PNG)


@pytest.mark.parametrize(
    "page",
    [
        "<!doctype html><p>Busy<script>for (;;);</script>",
        "<!doctype html><p>Busy<script>setTimeout(() => { for (;;); })</script>",
        "<!doctype html><p>Closing<script>window.close()</script>",
        "<!doctype html><p>Closing<script>open('about:blank', '_self').close()</script>",
        "<!doctype html><p>Crowd<script>setInterval(() => open('about:blank'), 1)</script>",
        "<!doctype html><p>Stop<script>for (;;) alert(1)</script>",
    ],
    ids=["busy", "busy_later", "closes_itself", "closes_itself_by_name", "popups", "alerts"],
)
def test_hostile_page(warm: Confined, page: str) -> None:
    """The page is answered in time, with whichever result, and the next capture is not affected."""
    before = warm.capture()
    codes = {"deadline_exceeded", "not_renderable", "browser_unavailable"}
    outcome(lambda: warm.capture(html_content=page, timeout=6_000), codes)
    assert [warm.capture() == before for _ in range(2)] == [True] * 2


def test_memory_stays_flat_over_many_captures(sandbox: Start) -> None:
    """Memory, processes, descriptors and /tmp after many captures are those after a few."""
    function = sandbox()
    early: tuple[int, ...] | None = None
    for number in range(1, CAPTURES_IN_A_ROW + 1):
        options: dict[str, object] = {"custom_js": "1"} if number % 2 else {}
        assert function.capture(**options).startswith(PNG)
        if number == 10:
            early = usage(function)
    assert early is not None
    late = usage(function)
    print(f"processes, descriptors, /tmp KB, RSS MB after 10: {early}; after {CAPTURES_IN_A_ROW}: {late}")
    assert late[0] <= early[0] + 1
    assert late[1] <= early[1] + 12
    assert late[2] <= early[2] + 2_000
    assert late[3] <= early[3] * 1.25 + 30
    assert kinds(function).count("zombie") == 0


@contextlib.contextmanager
def in_flight(function: Confined, timeout: int = 20_000, ms: int = 3_000) -> Iterator[Future[bytes]]:
    """Begins a capture that waits `ms` for its page, and yields once the page's script runs."""
    function.run("rm", "-f", str(site.BEGUN))
    wanted = {
        "html_content": None,
        "url": f"http://127.0.0.1:{site.PORT}/?ms={ms}",
        "wait_for_selector": "#later",
    }
    with ThreadPoolExecutor(1) as pool:
        capture = pool.submit(function.capture, **wanted, wait_for_timeout=ms * 2, timeout=timeout)
        function.run("timeout", "30", "sh", "-c", f"until [ -e {site.BEGUN} ]; do sleep 0.02; done")
        yield capture


def outcome(capture: Callable[[], bytes], codes: set[str]) -> None:
    """A picture, or one of the errors that are honest here."""
    try:
        picture, code = capture(), None
    except CaptureRefused as refused:
        picture, code = b"", refused.code
    assert picture.startswith(PNG) or code in codes, code


def kinds(function: Confined) -> list[str]:
    return [one.kind for one in function.processes()]


def browser(function: Confined) -> list[int]:
    return [one.pid for one in function.processes() if one.kind == "browser"]


def usage(function: Confined) -> tuple[int, ...]:
    ours = [one for one in function.processes() if one.kind not in ("other", "emulator", "kernel")]
    used = int(function.run("sh", "-c", "du -sk /tmp | cut -f1"))
    return len(ours), sum(one.descriptors for one in ours), used, sum(one.rss for one in ours) // 1_000_000
