"""The request's own assertions about the page, judged before the capture."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from ..errors import AssertionFailed
from ..options import Options, option
from ..page.session import PageSession

Condition = Literal["blank", "challenge", "banner", "partial", "failed_request"]


class CheckOptions(Options, group="assertions"):
    fail_if_contains: list[str] | None = option(
        None,
        "Texts that must not be on the page.",
        max_length=50,
        shareable=True,
        linkable=True,
    )
    fail_if_missing: list[str] | None = option(
        None,
        "Texts that must be on the page.",
        max_length=50,
        shareable=True,
        linkable=True,
    )
    fail_on_console_error: bool = option(
        False,
        "Fail when the page logs an error or throws.",
        shareable=True,
        linkable=True,
    )
    fail_on: list[Condition] | None = option(
        None,
        "Conditions that are errors: `blank`, `challenge`, `banner`, `partial` (a wait ran out),"
        " `failed_request`.",
        aliases=("fail_if",),
        shareable=True,
        linkable=True,
    )

    @field_validator("fail_if_contains", "fail_if_missing")
    @classmethod
    def _not_empty(cls, texts: list[str] | None) -> list[str] | None:
        if any(not t for t in texts or ()):
            raise ValueError("an empty text is on every page")
        return texts


_LOOK = """() => {
  const body = document.body, text = body ? body.innerText : '';
  const shown = el => { const b = el.getBoundingClientRect(); return b.width > 1 && b.height > 1 && getComputedStyle(el).visibility !== 'hidden' };
  const painted = body ? [...body.querySelectorAll('img,svg,canvas,video,iframe,object,input,button')].some(shown) : false;
  const banner = [...document.querySelectorAll('[id*=cookie i],[class*=cookie i],[id*=consent i],[class*=consent i]')]
    .some(el => shown(el) && /cookie|consent/i.test(el.innerText || ''));
  const challenge = /just a moment|checking your browser|verify you are (a )?human|are you a robot|attention required|captcha/i
    .test(document.title + ' ' + text.slice(0, 2000)) || !!document.querySelector('iframe[src*=captcha i],iframe[src*="challenges." i],.g-recaptcha,.h-captcha');
  return { text, painted, banner, challenge };
}"""


async def check(session: PageSession, options: CheckOptions) -> None:
    """Judge the page. Raises AssertionFailed naming the assertion and what it met."""
    report = session.report
    if options.fail_on_console_error and report.console:
        _fail("fail_on_console_error", f"the page logged an error: {report.console[0][:200]}")
    wanted = set(options.fail_on or ())
    if "partial" in wanted and report.warnings:
        _fail("fail_on", f"the capture would be partial: {report.warnings[0]['message']}")
    if "failed_request" in wanted and report.failed_requests:
        _fail("fail_on", f"{len(report.failed_requests)} of the page's requests failed")
    if not (options.fail_if_contains or options.fail_if_missing or wanted & {"blank", "challenge", "banner"}):
        return
    seconds = session.deadline.timeout(3_000, "check") / 1000
    seen = await session.within(session.page.evaluate(_LOOK), seconds, "check")
    for text in options.fail_if_contains or ():
        if text in seen["text"]:
            _fail("fail_if_contains", f"the page contains {text!r}")
    for text in options.fail_if_missing or ():
        if text not in seen["text"]:
            _fail("fail_if_missing", f"the page does not contain {text!r}")
    if "blank" in wanted and not seen["text"].strip() and not seen["painted"]:
        _fail("fail_on", "the page is blank")
    for condition in ("challenge", "banner"):
        if condition in wanted and seen[condition]:
            _fail("fail_on", f"the page shows a {condition}")


def _fail(field: str, reason: str) -> None:
    raise AssertionFailed(f"{field}: {reason}.", details=[{"field": field}])
