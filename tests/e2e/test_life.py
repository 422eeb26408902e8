"""One browser for all invocations; a lost browser or page is reported, and the next request works."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cases import SMALL
from entries import Answer, Direct, Lambda, in_process, runtime
from look import GREEN, at, failed, picture
from origins import Origins
from serving import serve

from stillframe import service
from stillframe.browser import processes
from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.error_body import error_body
from stillframe.errors import CaptureError, DeadlineExceeded
from stillframe.request import parse
from stillframe.settings import settings


def green(site: Origins, **options: Any) -> dict[str, Any]:
    return {"url": f"{site.urls['main']}/green.html", **SMALL, **options}


def works(site: Origins) -> None:
    at(picture(in_process(green(site))), 5, 5, GREEN)


def test_two_invocations_through_every_door_use_one_browser(
    site: Origins, http_function: dict[str, Lambda], direct: Direct
) -> None:
    works(site)
    launches, instance = runtime.supervisor.launches, runtime.instance
    for entry in (*http_function.values(), direct, in_process):
        for _ in range(2):
            at(picture(entry(green(site))), 5, 5, GREEN)
    assert runtime.supervisor.launches == launches
    assert runtime.instance is instance


def test_a_server_uses_one_browser_for_captures_at_once(site: Origins, server: httpx.Client) -> None:
    found: list[httpx.Response] = []
    callers = [
        threading.Thread(target=lambda: found.append(server.post("/capture", json=green(site))))
        for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert [r.status_code for r in found] == [200] * 4
    health = server.get("/health").json()
    assert (health["launches"], health["busy"], health["waiting"]) == (1, 0, 0)
    assert server.get("/health/ready").json()["status"] == "ready"
    assert server.get("/health").json()["launches"] == 1


def browser_pid() -> int:
    assert runtime.instance is not None
    return runtime.instance.pids[0]


def renderers() -> list[int]:
    def kind(pid: int) -> bytes:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""

    return [p for p in processes.tree(browser_pid()) if b"--type=renderer" in kind(p)]


def test_a_browser_that_was_killed_is_replaced(site: Origins, deployed: Path) -> None:
    works(site)
    launches = runtime.supervisor.launches
    os.kill(browser_pid(), signal.SIGKILL)
    works(site)
    assert runtime.supervisor.launches == launches + 1


def drivers() -> set[int]:
    """The drivers that this process has started and that still run."""
    mine = (
        int(name)
        for name in os.listdir("/proc")
        if name.isdigit() and processes.parent(int(name)) == os.getpid()
    )
    return {pid for pid in mine if b"run-driver" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def test_a_launch_that_times_out_leaves_no_process(site: Origins, deployed: Path) -> None:
    before = drivers()
    cold = Runtime(settings())
    try:
        for milliseconds in (20, 50, 100):
            with pytest.raises(DeadlineExceeded):
                cold.run(service.capture(parse(green(site, timeout=milliseconds)), LOCAL, browser=cold))
        cold.run(service.capture(parse(green(site)), LOCAL, browser=cold))
        assert cold.supervisor.launches == 1
        assert len(drivers() - before) == 1
        # Ending one is not cut in the middle either.
        assert cold.instance is not None
        ending = asyncio.run_coroutine_threadsafe(cold.supervisor.discard(cold.instance), cold.loop())
        cold.loop().call_soon_threadsafe(ending.cancel)
    finally:
        cold.run(cold.close())
    assert drivers() == before


def test_the_conversion_of_an_image_ends_with_the_deadline(
    site: Origins, deployed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works(site)
    enough = threading.Event()

    def convert(*_: Any) -> Any:
        enough.wait(30)
        raise RuntimeError("too late")

    with monkeypatch.context() as patch:
        patch.setattr("stillframe.outputs.image.Image.encode", convert)
        a = in_process(green(site, timeout=1500))
        enough.set()
    assert (a.code, a.json["error_details"]) == ("deadline_exceeded", [{"phase": "encode"}])
    works(site)


def during(site: Origins, path: str, deed: Callable[[], None], **options: Any) -> Answer:
    """Capture a slow page and do the deed once its server has been asked."""
    found: list[Answer] = []
    caller = threading.Thread(
        target=lambda: found.append(_elsewhere({"url": site.urls["main"] + path, **SMALL, **options}))
    )
    caller.start()
    end = time.monotonic() + 20
    while not site.requests(path) and time.monotonic() < end:
        time.sleep(0.02)
    deed()
    caller.join(60)
    return found[0]


def _elsewhere(options: dict[str, Any]) -> Answer:
    try:
        result = runtime.run(service.capture(parse(options), LOCAL))
    except CaptureError as error:
        return Answer(error.status, json=error_body(error, "id"))
    return Answer(200, result.artifact.data, json=result.to_json())


def test_a_capture_is_retried_once_when_its_browser_is_killed(site: Origins, deployed: Path) -> None:
    works(site)
    site.reset()
    a = during(site, "/slow/700", lambda: os.kill(browser_pid(), signal.SIGKILL))
    at(picture(a), 5, 5, (0, 90, 90))
    assert a.json["report"]["retried"] == "load"
    assert len(site.requests("/slow/700")) == 2
    works(site)


def test_a_browser_killed_twice_is_reported_as_an_error(site: Origins, deployed: Path) -> None:
    works(site)
    site.reset()

    def twice() -> None:
        os.kill(browser_pid(), signal.SIGKILL)
        end = time.monotonic() + 30
        while len(site.requests("/slow/1500")) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(browser_pid(), signal.SIGKILL)

    failed(during(site, "/slow/1500", twice), 503, "browser_unavailable")
    works(site)


def test_a_crashed_page_is_reported_and_the_browser_survives(site: Origins, deployed: Path) -> None:
    works(site)
    launches = runtime.supervisor.launches
    site.reset()

    def kill_pages() -> None:
        for pid in renderers():
            os.kill(pid, signal.SIGKILL)

    # The document has come, so the process that dies is the page's; its poll never ends.
    a = during(
        site,
        "/hang/poll",
        kill_pages,
        url=f"{site.urls['main']}/unquiet.html",
        wait_for_network="idle",
        wait_for_timeout=5_000,
    )
    if a.status != 200:
        assert a.status in (422, 503), a.json
        assert a.code in ("not_renderable", "browser_unavailable")
    works(site)
    assert runtime.supervisor.launches <= launches + 1


BAD = {
    "a page that hangs": ({"url": "%main%/hang/page", "timeout": 700}, 504, "deadline_exceeded", "load"),
    "a script that hangs": (
        {"url": "%main%/green.html", "custom_js": "await new Promise(() => {})", "timeout": 1500},
        504,
        "deadline_exceeded",
        "custom_js",
    ),
    "a script that computes for ever": (
        {"url": "%main%/green.html", "custom_js": "for (;;);", "timeout": 2500},
        504,
        "deadline_exceeded",
        "custom_js",
    ),
    "a page that never stops computing": (
        {"url": "%main%/spin.html", "timeout": 2500, "wait_until": "load", "delay_capture": 300},
        504,
        "deadline_exceeded",
        "phase",
    ),
    "a style for a page that never lets go": (
        {
            "html_content": "<p>hi<script>onload = () => setTimeout(() => { for (;;); })</script>",
            "custom_css": "p { color: red }",
            "timeout": 1500,
        },
        504,
        "deadline_exceeded",
        "custom_css",
    ),
    "a selector of a page that never lets go": (
        {
            "html_content": "<p>hi<script>onload = () => setTimeout(() => { for (;;); })</script>",
            "hide_selectors": ["p"],
            "timeout": 1500,
        },
        504,
        "deadline_exceeded",
        "hide_selectors",
    ),
    "a dialog storm": (
        {
            "html_content": (
                "<body><script>for (let i = 0; i < 20; i++) alert(i); location.href ="
                " 'about:blank#x'</script>"
            )
        },
        200,
        None,
        "",
    ),
    "an endless redirect by script": (
        {"html_content": "<script>setInterval(() => location.reload(), 1)</script>", "timeout": 4000},
        None,
        None,
        "",
    ),
    "a huge page": (
        {
            "html_content": "<body style='margin:0'><div style='height:3000000px;background:red'>",
            "full_page": True,
            "window_width": 320,
            "window_height": 240,
        },
        200,
        None,
        "",
    ),
    "a bad selector": ({"url": "%main%/green.html", "selector": "#[["}, 400, "request_not_valid", "selector"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_the_next_request_works_after(name: str, site: Origins, deployed: Path) -> None:
    options, status, code, word = BAD[name]
    a = in_process(site.fill(SMALL | options))
    if status is None:
        assert a.status in (200, 422, 504), a.json
    elif code is None:
        assert a.status == status, a.json
    else:
        failed(a, status, code, word)
    works(site)


def test_too_little_remaining_time_is_reported(
    site: Origins, http_function: dict[str, Lambda], monkeypatch: pytest.MonkeyPatch
) -> None:
    import entries

    monkeypatch.setattr(entries.Context, "get_remaining_time_in_millis", lambda self: 3_000)
    entry = http_function["http_api_v2"]
    entry.method = "POST"
    failed(entry({"url": f"{site.urls['main']}/hang/page", **SMALL}), 504, "deadline_exceeded", "load")


def test_a_server_finishes_running_captures_on_shutdown(site: Origins, tmp_path: Path) -> None:
    found: list[httpx.Response] = []
    serving = serve({"STORAGE_URL": tmp_path.as_uri()})
    with serving as client:
        assert client.post("/capture", json=green(site)).status_code == 200
        path = "/slow/1200"
        caller = threading.Thread(
            target=lambda: found.append(
                client.post("/capture", json={"url": site.urls["main"] + path, **SMALL})
            )
        )
        caller.start()
        end = time.monotonic() + 20
        while not site.requests(path) and time.monotonic() < end:
            time.sleep(0.02)
        serving.process.send_signal(signal.SIGTERM)
        caller.join(60)
    assert found[0].status_code == 200
    at(picture(found[0].content), 5, 5, (0, 90, 90))
    assert serving.process.returncode in (0, -signal.SIGTERM)
