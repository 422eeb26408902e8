"""Check the request's assertions about the page before the capture."""

from __future__ import annotations

import asyncio
import base64
import io
from typing import Literal

from pydantic import field_validator

from ..errors import AssertionFailed
from ..options import Options, option
from ..page.assets import call_page_script
from ..page.session import PageSession

Condition = Literal["blank", "challenge", "banner", "partial", "failed_request"]


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
    fail_on: list[Condition] | None = option(
        None,
        "Fail on these conditions: `blank`, `challenge`, `banner`, `partial` (the capture has a warning),"
        " `failed_request`.",
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
    """Raise AssertionFailed with the name of the first assertion that the page does not meet."""
    report = session.report
    if options.fail_on_console_error and report.console:
        _fail("fail_on_console_error", f"the page logged an error: {report.console[0][:200]}")
    conditions = set(options.fail_on or ())
    if "partial" in conditions and report.warnings:
        _fail("fail_on", f"the capture would be partial: {report.warnings[0]['message']}")
    if "failed_request" in conditions and report.failed_requests:
        _fail("fail_on", f"{len(report.failed_requests)} of the page's requests failed")
    if not (
        options.fail_if_contains or options.fail_if_missing or conditions & {"blank", "challenge", "banner"}
    ):
        return
    look = call_page_script(session, "steps/assets/check_page.js")
    seen = await session.deadline.run(look, "check", 3_000)
    for text in options.fail_if_contains or ():
        if text in seen["text"]:
            _fail("fail_if_contains", f"the page contains {text!r}")
    for text in options.fail_if_missing or ():
        if text not in seen["text"]:
            _fail("fail_if_missing", f"the page does not contain {text!r}")
    if (
        "blank" in conditions
        and not seen["text"].strip()
        and not seen["painted"]
        and await _is_plain(session)
    ):
        _fail("fail_on", "the page is blank")
    for condition in ("challenge", "banner"):
        if condition in conditions and seen[condition]:
            _fail("fail_on", f"the page shows a {condition}")


async def _is_plain(session: PageSession) -> bool:
    """Whether the window shows one colour: styles alone can draw a page."""
    params = {"format": "png", "fromSurface": True, "captureBeyondViewport": False, "optimizeForSpeed": True}
    shot = await session.deadline.run(session.cdp.send("Page.captureScreenshot", params), "check", 5_000)
    return await asyncio.to_thread(_has_one_colour, base64.b64decode(shot["data"]))


def _has_one_colour(png: bytes) -> bool:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        colours = picture.convert("RGB").getcolors(1)
        return colours is not None


def _fail(field: str, reason: str) -> None:
    raise AssertionFailed(f"{field}: {reason}.", details=[{"field": field}])
