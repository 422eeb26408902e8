"""Pages that exhaust a resource: their capture ends in bounded time, and the next one works."""

from __future__ import annotations

import gzip
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from farm import Farm, Reply, Seen, html, redirect
from shoot import Shooter

from stillframe.errors import CaptureError, RequestNotValid
from stillframe.request import parse

pytestmark = pytest.mark.browser

PAGES = {
    "endless_loop": "<h1>x</h1><script>while (1);</script>",
    "late_loop": "<h1>x</h1><script>setTimeout(() => { while (1); }, 100)</script>",
    "alerts": "<h1>x</h1><script>setInterval(() => alert(1), 1)</script>",
    "dialogs": "<h1>x</h1><script>onbeforeunload = () => 'stay'; confirm(1); prompt(2); print()</script>",
    "push_state": (
        "<h1>x</h1><script>setInterval(() => { for (let i = 0; i < 500; i++) history.pushState(0, '', '#' + i"
        " + Math.random()) }, 1)</script>"
    ),
    "refresh_at_once": "<meta http-equiv=refresh content=0><h1>x</h1>",
    "reload": "<h1>x</h1><script>setTimeout(() => location.reload(), 5)</script>",
    "popups": "<h1>x</h1><script>setInterval(() => open('about:blank'), 5)</script>",
    "frames": (
        "<h1>x</h1><script>for (let i = 0; i < 60; i++)"
        " document.body.append(document.createElement('iframe'))</script>"
    ),
    "workers": (
        "<h1>x</h1><script>for (let i = 0; i < 20; i++) new Worker(URL.createObjectURL(new Blob(['while"
        " (1);'])))</script>"
    ),
    "regular_expression": "<h1>x</h1><script>/^(a+)+$/.test('a'.repeat(40) + '!')</script>",
    "closes_itself": "<h1>x</h1><script>window.close()</script>",
    "deep": (
        "<h1>x</h1><script>let s = ''; for (let i = 0; i < 20000; i++) s += '<div>'; document.body.innerHTML"
        " = s</script>"
    ),
    "console": "<h1>x</h1><script>for (let i = 0; i < 20000; i++) console.error('x'.repeat(999))</script>",
    "downloads": (
        "<h1>x</h1><script>for (let i = 0; i < 20; i++) { const a = document.createElement('a'); a.href ="
        " URL.createObjectURL(new Blob(['x'.repeat(1e6)])); a.download = 'f' + i; a.click() }</script>"
    ),
    "sockets": (
        "<h1>x</h1><script>for (let i = 0; i < 200; i++) new WebSocket('ws://127.0.0.2:' + (8000 +"
        " i))</script>"
    ),
    "tall": "<h1 style='height:5000000px'>x</h1>",
    "wide": "<h1 style='width:5000000px'>x</h1>",
    "mutations": "<h1>x</h1><script>setInterval(() => { document.body.append('x') }, 0)</script>",
}


def survive(shooter: Shooter, **request: Any) -> str:
    """The outcome of a hostile capture, after which an ordinary one must succeed."""
    try:
        shooter.shoot(**request)
        outcome = "captured"
    except CaptureError as error:
        outcome = error.code
    after = shooter.shoot(html_content="<h1>after</h1>", format="html")
    assert b"after" in after.artifact.data
    return outcome


EXPECTED = {"captured", "deadline_exceeded", "not_renderable", "memory_limit"}


@pytest.mark.parametrize("name", PAGES)
def test_a_capture_of_a_hostile_page_ends_and_the_next_one_works(
    farm: Farm, guarded: Shooter, name: str
) -> None:
    farm.serve("/hostile", html(f"<!doctype html><body>{PAGES[name]}"))
    outcome = survive(guarded, url=farm.home + "/hostile", timeout=3_000, wait_for_timeout=1_500)
    assert outcome in EXPECTED


def test_a_very_high_page_is_clipped_to_the_pixel_limit(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/tower", html("<h1 style='height:900000px'>x</h1>"))
    result = guarded.shoot(url=farm.home + "/tower", full_page=True, window_width=1280, wait_until="load")
    assert result.artifact.width is not None
    assert result.artifact.height is not None
    assert result.artifact.width * result.artifact.height <= guarded.runtime.config.max_page_pixels
    assert result.report.warnings


def test_endless_redirects_end(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/again", lambda seen: redirect(f"/again?{len(farm.site.seen)}"))
    assert guarded.refused(url=farm.home + "/again").code == "too_many_redirects"
    assert len(farm.site.seen) < 40


def _endless(_: Seen) -> Reply:
    return 200, {"Content-Type": "text/plain"}, b"x" * 8_000_000


def test_the_byte_budget_ends_a_download(farm: Farm) -> None:
    farm.serve("/big", _endless)
    farm.serve("/many", html("".join(f"<img src='/big?{i}'>" for i in range(20))))
    shooter = Shooter(farm, max_fetch_bytes=3_000_000)
    try:
        result = shooter.shoot(url=farm.home + "/many", wait_until="load", wait_for_timeout=3_000)
        assert result.report.facts["network"]["bytes_received"] < 4_000_000
        assert any(w["code"] == "budget_exceeded" for w in result.report.warnings)
        assert b"after" in shooter.shoot(html_content="<h1>after</h1>", format="html").artifact.data
    finally:
        shooter.close()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_the_service_survives_a_decompression_bomb(farm: Farm, guarded: Shooter, coding: str) -> None:
    plain = b"<h1>bomb</h1>" + b" " * 40_000_000
    bomb = gzip.compress(plain) if coding == "gzip" else zlib.compress(plain)
    farm.serve("/bomb", lambda _: (200, {"Content-Type": "text/html", "Content-Encoding": coding}, bomb))
    assert survive(guarded, url=farm.home + "/bomb", timeout=8_000) in EXPECTED


def test_a_slow_selector_ends_with_the_deadline(farm: Farm, guarded: Shooter) -> None:
    text = "a" * 60 + "!"
    outcome = survive(
        guarded,
        html_content=f"<p>{text}</p>",
        wait_for_selector="text=/^(a+)+$/",
        wait_for_timeout=1_000,
        timeout=3_000,
    )
    assert outcome in EXPECTED | {"selector_not_found"}


def test_the_result_of_a_script_stays_in_the_page(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/plain", html("<h1>plain</h1>"))
    # Copying the value out of the page reads the property, which the page records.
    code = "return { get huge() { document.body.append('value was read'); return 'x'.repeat(1e8) } }"
    result = guarded.shoot(url=farm.home + "/plain", custom_js=code, format="html")
    assert b"plain" in result.artifact.data
    assert b"value was read" not in result.artifact.data


LIMITS: list[dict[str, Any]] = [
    {"url": "http://x.example/" + "a" * 4_096},
    {"html_content": "x" * 2_000_001},
    {"html_content": "é" * 1_000_001},
    {"custom_js": "x" * 65_537},
    {"init_js": "x" * 65_537},
    {"custom_css": "x" * 65_537},
    {"custom_headers": {f"X-{i}": "1" for i in range(33)}},
    {"custom_headers": {"X-Long": "x" * 4_096}},
    {"interactions": [{"action": "click", "selector": "a"}] * 51},
    {"selector": "a" * 1_001},
    {"hide_selectors": ["a" * 1_001]},
    {"window_width": 5_001},
    {"window_width": 0},
    {"window_height": 20_001},
    {"window_height": -1},
    {"pixel_density": 4.1},
    {"pixel_density": 0.0},
    {"pixel_density": float("nan")},
    {"pixel_density": float("inf")},
    {"window_width": 5_000, "window_height": 8_001},
    {"window_width": 4_000, "window_height": 4_000, "pixel_density": 2},
    {"device": "iPhone 15", "window_width": 5_000, "window_height": 20_000},
    {"timeout": 300_001},
    {"delay_capture": 300_001},
    {"wait_for_timeout": 0},
    {"cookies": [{"name": "a", "value": "b"}] * 101},
]


@pytest.mark.parametrize("extra", LIMITS, ids=lambda extra: "-".join(extra))
def test_values_over_a_limit_are_refused(extra: dict[str, Any]) -> None:
    source = {} if "html_content" in extra else {"url": "http://x.example/"}
    with pytest.raises(RequestNotValid):
        parse({**source, **extra})


@pytest.mark.parametrize("extra", [{"window_width": 5_001}, {"window_height": 20_000, "pixel_density": 4}])
def test_a_template_cannot_exceed_a_limit(extra: dict[str, Any]) -> None:
    with pytest.raises(RequestNotValid):
        parse({"url": "http://x.example/", "template": "mobile", **extra})


def test_a_concurrent_capture_survives_a_page_that_exhausts_memory(farm: Farm) -> None:
    asked, eaten = threading.Event(), threading.Event()

    def slow(_: Seen) -> Reply:
        if not asked.is_set():
            asked.set()
            eaten.wait(30)
        return html("<h1>neighbour</h1>")

    farm.serve("/slow", slow)
    farm.serve(
        "/eat",
        html("<script>const all = []; setInterval(() => all.push(new Uint8Array(5e7).fill(1)), 1)</script>"),
    )
    shooter = Shooter(farm, workers=2, memory_limit_mb=900)
    try:
        shooter.shoot(html_content="<h1>warm</h1>", format="html")
        with ThreadPoolExecutor(1) as pool:
            neighbour = pool.submit(shooter.shoot, url=farm.home + "/slow", format="html", timeout=40_000)
            asked.wait(20)
            error = shooter.refused(url=farm.home + "/eat", wait_until="load", delay_capture=9_000)
            eaten.set()
            result = neighbour.result(40)
    finally:
        shooter.close()
    assert error.code == "memory_limit"
    assert b"neighbour" in result.artifact.data
    assert result.report.facts["retried"] == "load"
