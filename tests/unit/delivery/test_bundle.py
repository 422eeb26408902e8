"""The debug bundle: what it shows, what it hides, and that nothing in it runs or loads."""

from __future__ import annotations

import asyncio
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from stillframe.delivery.bundle import render
from stillframe.delivery.deliver import DeliveryTarget, bundle_key_of, deliver
from stillframe.errors import ScriptFailed
from stillframe.request import parse
from stillframe.request.facets import secret_names
from stillframe.result import Artifact, CaptureReport, CaptureResult
from stillframe.settings import Settings
from stillframe.storage.memory import MemoryStorage
from stillframe.trace import Trace
from stillframe.verdict import Finding, Verdict

URL = "https://a.example/page"
SECRETS: dict[str, Any] = {
    "custom_headers": {"X-Api-Key": "header-value-1"},
    "cookies": [{"name": "sid", "value": "cookie-value-2", "url": URL}, "lang=cookie-value-3"],
    "basic_auth": {"username": "ann", "password": "password-value-4"},
    "proxy": "http://bob:proxy-value-5@proxy.example:3128",
    "local_storage": {"jwt": "storage-value-6"},
    "interactions": [{"action": "type", "selector": "#p", "text": "typed-value-7"}],
}
WORDS = re.compile(r"[a-z]+-value-\d")


def traced(**options: Any) -> str:
    report = CaptureReport(trace=Trace())
    report.target.url = report.target.final_url = URL
    report.target.status = 200
    report.verdict = Verdict([Finding("console_error", "1 error in the console: <i>x</i>")])
    trace = report.trace
    assert trace is not None
    with report.phase("load"):
        pass
    trace.requested("one", f"{URL}?token=abc", "image")
    trace.answered("one", 404)
    trace.ended("one")
    trace.requested("two", "https://b.example/never", "fetch")
    trace.logged("error", " ".join(["<script>alert(1)</script>", "header-value-1", "storage-value-6"]))
    trace.dom = "<html><script>x</script>" + " ".join(f"{word}" for word in WORDS.findall(str(options)))
    picture = Artifact("png", b"picture", "image/png", "png", 1, 1)
    return render(parse({"url": URL} | options), report, trace, picture).decode()


class Elements(HTMLParser):
    """The names of all elements, and the attributes that could load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.loads += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "data")]
        assert not any(name.startswith("on") for name, _ in attrs)


def test_a_bundle_runs_and_loads_nothing() -> None:
    found = Elements(traced())
    assert "script" not in found.names
    assert "link" not in found.names
    assert [value[:22] for value in found.loads] == ["data:image/png;base64,"]
    assert "default-src 'none'" in traced()


def test_a_bundle_shows_phases_requests_console_options_and_verdict() -> None:
    text = traced(full_page=True)
    for words in (
        "load",
        "https://b.example/never",
        "pending",
        "404",
        "&lt;script&gt;alert(1)",
        "&quot;full_page&quot;: true",
        "1 error in the console: &lt;i&gt;x&lt;/i&gt;",
        "cGljdHVyZQ==",
    ):
        assert words in text, words


def test_a_bundle_holds_no_secret_of_the_request() -> None:
    assert len(set(WORDS.findall(str(SECRETS)))) == 7
    text = traced(**SECRETS)
    assert WORDS.findall(text) == []
    assert "token=abc" not in text


def test_the_options_with_secrets_are_known() -> None:
    assert {"custom_headers", "cookies", "basic_auth", "proxy", "local_storage"} <= secret_names()


def test_the_bundle_of_a_failed_capture_names_the_error() -> None:
    report = CaptureReport(trace=Trace())
    assert report.trace is not None
    text = render(parse({"url": URL}), report, report.trace, error=ScriptFailed("custom_js: broken")).decode()
    assert "script_failed: custom_js: broken" in text
    assert "There is no picture." in text


@pytest.mark.parametrize("options", [{}, {"store": True}, {"response_type": "empty"}])
def test_a_bundle_is_stored_beside_its_result(options: dict[str, Any]) -> None:
    storage = MemoryStorage()
    found = CaptureResult("id", Artifact("png", b"x", "image/png", "png"), CaptureReport(), "a.png")
    found.bundle = b"<!doctype html>"
    target = DeliveryTarget(None, storage, "http://h")
    asyncio.run(deliver(found, parse({"url": URL, "debug": True} | options), target, Settings()))
    debug = found.to_json()["report"]["debug"]
    kept = storage.get(debug["key"])
    assert kept is not None
    assert (kept.data, kept.content_type) == (b"<!doctype html>", "text/html; charset=utf-8")
    assert debug["url"].startswith(f"http://h/files/{debug['key']}?")
    if found.stored:
        assert debug["key"] == bundle_key_of(found.stored.key)


def test_the_key_of_a_bundle() -> None:
    assert bundle_key_of("2026/11/id.png") == "2026/11/id.debug.html"
    assert bundle_key_of("a.b/page.json.1f0c.png") == "a.b/page.json.1f0c.debug.html"
