"""Make the verdict on a capture from what was gathered while it ran."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..result import CaptureReport, Requests
from ..urls import text_without_credentials, without_credentials
from ..verdict import Code, Finding, Severity, Verdict

if TYPE_CHECKING:
    from .block import BlockOptions

# A challenge or a wall has little text of its own; a page that merely holds such a form has more.
_SHORT = 1_000
_CHALLENGE = re.compile(
    r"just a moment|checking your browser|verify(ing)? (that )?you('re| are) (a )?(human|not a (ro)?bot)"
    r"|are you a robot|not a robot|attention required|unusual traffic|security check|press (&|and) hold"
    r"|pardon our interruption|ddos protection|prove (that )?you are (a )?human|solve the captcha",
    re.IGNORECASE,
)
_LOGIN_URL = re.compile(
    r"[/.?&=_-](log-?in|sign-?in|sso|auth(orize|enticate|entication)?|account)\b", re.IGNORECASE
)
# Chromium logs it beside each answer with an error, which is a failed request already.
_OF_A_REQUEST = "Failed to load resource:"
_WAITS = re.compile(
    r"_timeout$|^(network_busy|page_unsettled|requests_aborted|script_ended|navigation_stopped)$"
)
# Request and page disagreed, one of them was obeyed, and nothing is missing.
_DECIDED = {"margin_raised", "page_size_ignored"}
_CUT = frozenset({"truncated", "truncated_width", "scaled_down", "scroll_incomplete", "windows_incomplete"})
# Requests on which nothing that can be seen depends for certain.
_UNSEEN = frozenset({"xhr", "fetch", "manifest"})


def judge(report: CaptureReport, options: BlockOptions) -> Verdict:
    """All findings about the capture so far; `options` tells which requests were blocked on purpose."""
    found = [*_of_target(report), *_of_page(report, options), *_of_requests(report), *_of_capture(report)]
    return Verdict(found)


def _of_target(report: CaptureReport) -> Iterator[Finding]:
    target = report.target
    if target.status is not None and target.status >= 400:
        yield Finding("http_error", f"The target answered with status {target.status}.")
    asked, shown = _host(target.url), _host(target.final_url)
    if asked and shown and asked != shown:
        yield Finding("redirected", f"{asked} led to {shown}.", "notice")


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _of_page(report: CaptureReport, options: BlockOptions) -> Iterator[Finding]:
    if report.blank:
        yield Finding("blank", report.blank)
    seen = report.seen
    if seen is None:
        return
    if challenge := _challenge(report, seen):
        yield Finding("challenge", challenge)
    elif wall := _login_wall(report, seen):
        yield Finding("login_wall", wall)
    consent = report.facts.get("consent", {})
    if seen["banner"] or consent.get("outcome") == "unanswered":
        manager = consent.get("manager")
        yield Finding("banner", f"A consent banner{f' of {manager}' if manager else ''} can be seen.")
    yield from _of_images(report, seen, options)
    if seen["fonts"] and "font" not in (options.block_resources or ()):
        families = ", ".join(dict.fromkeys(face["family"] for face in seen["fonts"]))
        yield _finding("failed_font", f"Web fonts that the text lacks: {families[:200]}.", seen["fonts"])
    if seen["missing"]:
        characters = ", ".join(f"U+{ord(glyph['character']):04X}" for glyph in seen["glyphs"][:20])
        message = f"No font has these characters: {characters}"
        yield Finding("missing_glyph", message, count=seen["missing"], items=seen["glyphs"])
    if ending := seen["moving"]["ending"]:
        yield Finding("animation", f"{_many(ending, 'animation')} had not ended.", count=ending)
    if endless := seen["moving"]["endless"]:
        message = f"{_many(endless, 'animation')} without an end; another picture may differ."
        yield Finding("animation", message, "notice", endless)


def _challenge(report: CaptureReport, seen: dict[str, Any]) -> str:
    """Why the page is a challenge; empty when it is not."""
    refused = (report.target.status or 200) in (401, 403, 429, 503)
    words = _CHALLENGE.search(f"{seen['title']} {seen['text'][:_SHORT]}")
    short = len(seen["text"]) < (2 * _SHORT if refused else _SHORT)
    # A form with a check of its own has other fields; a challenge has none.
    if short and seen["fields"] <= 1 and not seen["password"] and (words or seen["captcha"]):
        return f"The page shows a challenge{f': {words[0]}' if words else ''}."
    return ""


def _login_wall(report: CaptureReport, seen: dict[str, Any]) -> str:
    """Why the page is a log-in wall; empty when it is not, or when a log-in page was asked for."""
    if not seen["password"] or _is_login(report.target.url):
        return ""
    if seen["passwordOver"]:
        return "A log-in form lies over the page."
    final, asked = report.target.final_url or "", report.target.url or ""
    moved = final.partition("?")[0].rstrip("/") != asked.partition("?")[0].rstrip("/")
    if moved and (_is_login(final) or len(seen["text"]) < _SHORT):
        return "The target sent the browser to a log-in form."
    if report.target.status in (401, 403):
        return "The target refused the page and shows a log-in form."
    return ""


def _is_login(url: str | None) -> bool:
    """Whether a URL names a log-in page by its path; the query may name where to go from there."""
    return bool(_LOGIN_URL.search((url or "").partition("?")[0].partition("://")[2]))


def _of_images(report: CaptureReport, seen: dict[str, Any], options: BlockOptions) -> Iterator[Finding]:
    if options.block_media or "image" in (options.block_resources or ()):
        return
    blocked = {request["url"] for request in report.blocked.items}
    states: dict[bool, list[dict[str, str]]] = {True: [], False: []}
    for image in seen["images"]:
        url = without_credentials(image["url"])
        if url not in blocked:
            states[image["state"] == "broken"].append({"url": url, "state": image["state"]})
    if broken := states[True]:
        yield _finding(
            "broken_image", f"{_many(len(broken), 'image')} in the picture cannot be shown.", broken
        )
    if late := states[False]:
        yield _finding("unloaded_image", f"{_many(len(late), 'image')} in the picture had not loaded.", late)


def _of_requests(report: CaptureReport) -> Iterator[Finding]:
    if failed := report.failed_requests:
        yield from _requests("failed_request", failed, "failed")
    needed = any(request["kind"] not in _UNSEEN for request in report.pending.items)
    severity: Severity = "problem" if needed else "notice"
    yield from _requests("pending_request", report.pending, "had no answer yet", severity)
    yield from _requests("blocked_request", report.blocked, "blocked", "notice")
    errors = [text for text in report.console if not text.startswith(_OF_A_REQUEST)]
    if errors:
        items = [{"text": text_without_credentials(text)} for text in errors]
        yield _finding(
            "console_error", f"{_many(len(errors), 'error')} in the console: {items[0]['text'][:200]}", items
        )


def _requests(code: Code, listed: Requests, what: str, severity: Severity = "problem") -> Iterator[Finding]:
    if listed.count:
        message = f"{_many(listed.count, 'request')} {what}: {listed.items[0]['url'][:200]}"
        yield Finding(code, message, severity, listed.count, listed.items)


def _of_capture(report: CaptureReport) -> Iterator[Finding]:
    if "retried" in report.facts:
        reason = report.facts.get("retry_reason", "")
        phase = report.facts["retried"]
        yield Finding("retried", f"The first attempt ended in phase '{phase}': {reason}.", "notice")
    for warning in report.warnings:
        code: Code = "partial"
        if _WAITS.search(warning["code"]):
            code = "wait_timeout"
        elif warning["code"] in _CUT:
            code = "truncated"
        elif warning["code"] == "animation_running":
            code = "animation"
        severity: Severity = "notice" if warning["code"] in _DECIDED else "problem"
        yield Finding(code, warning["message"], severity, items=[{"warning": warning["code"]}])


def _finding(code: Code, message: str, items: list[dict[str, Any]]) -> Finding:
    return Finding(code, message, count=len(items), items=items)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
