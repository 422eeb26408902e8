"""The verdict: its codes, its two forms, and what is made of the facts of a capture."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.api.responses import respond
from stillframe.jobs import Job
from stillframe.request import CaptureRequest, parse
from stillframe.result import Artifact, CaptureReport, CaptureResult
from stillframe.steps.judge import judge
from stillframe.urls import text_without_credentials, without_credentials
from stillframe.verdict import CODES, MEANINGS, Finding, Verdict

CALM: dict[str, Any] = {
    "images": [],
    "fonts": [],
    "moving": {"ending": 0, "endless": 0},
    "banner": False,
    "text": "words " * 400,
    "glyphs": [],
    "missing": 0,
    "title": "A page",
    "captcha": False,
    "fields": 0,
    "password": False,
    "passwordOver": False,
}
REQUEST: CaptureRequest = parse({"url": "https://a.example/"})


def report(**seen: Any) -> CaptureReport:
    made = CaptureReport(seen=CALM | seen)
    made.target.url = made.target.final_url = "https://a.example/"
    return made


def codes(made: CaptureReport, request: CaptureRequest = REQUEST) -> list[str]:
    return [finding.code for finding in judge(made, request).findings]


def test_every_code_has_a_meaning() -> None:
    assert list(MEANINGS) == list(CODES)


def test_a_capture_without_anything_wrong_is_good() -> None:
    verdict = judge(report(), REQUEST)
    assert verdict.to_json() == {"ok": True, "findings": []}
    assert verdict.line() == "ok"


def test_the_line_names_the_problems_with_their_counts_and_no_notices() -> None:
    verdict = Verdict(
        [
            Finding("broken_image", "x", count=3),
            Finding("wait_timeout", "x"),
            Finding("wait_timeout", "y"),
            Finding("retried", "z", "notice"),
        ]
    )
    assert verdict.line() == "broken_image=3, wait_timeout=2"
    assert not verdict.ok


def test_notices_alone_leave_the_verdict_good() -> None:
    verdict = Verdict([Finding("blocked_request", "x", "notice", 9)])
    assert (verdict.ok, verdict.line()) == (True, "ok")


def test_a_verdict_is_read_as_it_was_written_with_its_first_items() -> None:
    items = [{"url": f"https://a.example/{n}"} for n in range(50)]
    written = Verdict([Finding("failed_request", "x", count=50, items=items)]).to_json()
    assert len(written["findings"][0]["items"]) == 20
    assert Verdict.from_json(written).to_json() == written


def test_a_second_attempt_is_a_notice_with_its_reason() -> None:
    made = report()
    made.note("retried", "shoot")
    made.note("retry_reason", "the page crashed")
    (found,) = judge(made, REQUEST).findings
    assert (found.code, found.severity) == ("retried", "notice")
    assert "'shoot': the page crashed" in found.message


@pytest.mark.parametrize(
    ("warning", "code"),
    [
        ("wait_for_selector_timeout", "wait_timeout"),
        ("load_timeout", "wait_timeout"),
        ("network_busy", "wait_timeout"),
        ("truncated", "truncated"),
        ("scroll_incomplete", "truncated"),
        ("animation_running", "animation"),
        ("cookie_expired", "partial"),
    ],
)
def test_a_warning_is_a_finding(warning: str, code: str) -> None:
    made = report()
    made.warn(warning, "A message.")
    assert codes(made) == [code]


def test_images_of_a_kind_that_was_blocked_are_not_broken() -> None:
    made = report(images=[{"state": "broken", "url": "https://a.example/i.png"}])
    assert codes(made) == ["broken_image"]
    assert codes(made, parse({"url": "https://a.example/", "block_media": True})) == []
    made.block("https://a.example/i.png", "image", "easylist")
    assert codes(made) == ["blocked_request"]


def test_a_pending_request_of_a_script_is_a_notice() -> None:
    made = report()
    made.pending.add("https://a.example/poll", "fetch", "pending")
    assert judge(made, REQUEST).ok
    made.pending.add("https://a.example/i.png", "image", "pending")
    assert not judge(made, REQUEST).ok


def test_what_the_browser_logs_of_a_failed_request_is_not_counted_again() -> None:
    made = report()
    made.failed_requests.add("https://a.example/x", "image", "HTTP status 404")
    made.console.append("Failed to load resource: the server responded with a status of 404 ()")
    assert codes(made) == ["failed_request"]


def test_a_page_that_could_not_be_looked_at_still_has_a_verdict() -> None:
    made = report()
    made.seen = None
    made.target.status = 503
    assert codes(made) == ["http_error"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ann:pw@a.example/x", "https://a.example/x"),
        ("https://a.example/?access_token=abc&page=2", "https://a.example/?access_token=…&page=2"),
        ("https://a.example/?X-Amz-Signature=abc", "https://a.example/?X-Amz-Signature=…"),
        ("https://a.example/#id_token=abc", "https://a.example/#id_token=…"),
        ("https://a.example/?monkey=1&keyboard=2", "https://a.example/?monkey=1&keyboard=2"),
        ("http://ann:pw@[broken/x", "[broken/x"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,…"),
    ],
)
def test_a_reported_url_has_no_credentials(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_a_reported_text_has_no_credentials() -> None:
    text = "could not load 'https://ann:pw@a.example/?token=abc' twice"
    assert text_without_credentials(text) == "could not load 'https://a.example/?token=…' twice"


def test_a_job_whose_report_is_too_large_keeps_its_verdict() -> None:
    verdict = Verdict([Finding("broken_image", "x", items=[{"url": "https://a.example/i.png"}])]).to_json()
    job = Job("id")
    job.finish(60, result={"report": {"verdict": verdict}, "metadata": {"links": ["x" * 1_000_000]}})
    assert job.result is not None
    (kept,) = job.result["report"]["verdict"]["findings"]
    assert (kept["code"], "items" in kept) == ("broken_image", False)


def test_the_verdict_is_a_header_of_one_line() -> None:
    made = report()
    made.verdict = Verdict([Finding("broken_image", "two\nlines", count=2)])
    answer = respond(CaptureResult("id", Artifact("png", b"x", "image/png", "png"), made, "a.png"))
    assert answer.headers["x-capture-verdict"] == "broken_image=2"
