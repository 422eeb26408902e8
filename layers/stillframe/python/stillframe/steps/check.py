"""Check the request's assertions about the page and about the verdict on its capture."""

from __future__ import annotations

from pydantic import field_validator

from ..errors import AssertionFailed
from ..options import Options, option
from ..page.assets import call_page_script
from ..page.session import PageSession
from ..result import CaptureReport
from ..verdict import Code


class CheckOptions(Options, group="assertions"):
    fail_if_contains: list[str] | None = option(
        None,
        "Fail when the page contains one of these texts.",
        prose=True,
        max_length=50,
        shareable=True,
        linkable=True,
    )
    fail_if_missing: list[str] | None = option(
        None,
        "Fail when the page lacks one of these texts.",
        prose=True,
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
    fail_on: list[Code] | None = option(
        None,
        "Fail when the verdict has one of these findings, a notice included; `partial` is any warning.",
        aliases=("fail_if",),
        shareable=True,
        linkable=True,
    )

    @field_validator("fail_if_contains", "fail_if_missing")
    @classmethod
    def _not_empty(cls, texts: list[str] | None) -> list[str] | None:
        if any(not t for t in texts or ()):
            raise ValueError("must not contain an empty text, which every page contains")
        return texts


async def check(session: PageSession, options: CheckOptions) -> None:
    """Raise AssertionFailed with the name of the first assertion about the page that does not hold."""
    report = session.report
    if options.fail_on_console_error and report.console:
        _fail("fail_on_console_error", f"the page logged an error: {report.console[0][:200]}")
    if not (options.fail_if_contains or options.fail_if_missing):
        return
    look = call_page_script(session, "steps/assets/check_page.js")
    seen = await session.deadline.run(look, "check", 3_000)
    for text in options.fail_if_contains or ():
        if text in seen["text"]:
            _fail("fail_if_contains", f"the page contains {text!r}")
    for text in options.fail_if_missing or ():
        if text not in seen["text"]:
            _fail("fail_if_missing", f"the page does not contain {text!r}")


def check_verdict(report: CaptureReport, options: CheckOptions) -> None:
    """Raise AssertionFailed for the first finding that `fail_on` names."""
    conditions = set(options.fail_on or ())
    if "partial" in conditions and report.warnings:
        _fail("fail_on", f"partial: {report.warnings[0]['message'].rstrip('.')}")
    for finding in report.verdict.findings:
        if finding.code in conditions:
            _fail("fail_on", f"{finding.code}: {finding.message.rstrip('.')}")


def _fail(field: str, reason: str) -> None:
    raise AssertionFailed(f"{field}: {reason}.", details=[{"field": field}])
