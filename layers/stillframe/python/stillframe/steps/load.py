"""Bring the page: navigate to the URL, or set the HTML that the request carries."""

from __future__ import annotations

import html
from typing import Literal

from ..errors import DeadlineExceeded, HostReturnedError, NotRenderable
from ..option_checks import at_most, http_url, utf8_bytes
from ..options import Options, option
from ..page.session import PageSession, is_timeout

WaitUntil = Literal["settled", "commit", "domcontentloaded", "load", "networkidle"]

# What Chromium shows as a page or a picture of its own; everything else it downloads.
_SHOWN = (
    "text/",
    "image/",
    "video/",
    "audio/",
    "application/json",
    "application/xml",
    "application/xhtml+xml",
    "application/javascript",
    "application/x-javascript",
    "application/rss+xml",
    "application/atom+xml",
    "multipart/x-mixed-replace",
)


class LoadOptions(Options, group="source"):
    url: str | None = option(
        None,
        "Address of the page, http or https.",
        aliases=("uri",),
        pixashot=True,
        shareable=True,
        linkable=True,
        check=http_url,
        cli=None,
    )
    html_content: str | None = option(
        None,
        "HTML to render in place of a URL.",
        aliases=("html",),
        pixashot=True,
        secret=True,
        shareable=True,
        linkable=True,
        check=at_most("max_html_bytes", "bytes", utf8_bytes),
    )
    markdown: str | None = option(
        None,
        "Markdown to render in place of a URL.",
        secret=True,
        shareable=True,
        linkable=True,
        check=at_most("max_html_bytes", "bytes", utf8_bytes),
    )
    s3_uri: str | None = option(
        None,
        "`s3://bucket/key` of an HTML or Markdown object in the input bucket, in place of a URL.",
        pattern=r"^s3://[a-z0-9.\-]{3,63}/.+$",
        max_length=1200,
        shareable=True,
        linkable=True,
        cli=None,
    )
    base_url: str | None = option(
        None,
        "What relative addresses in `html_content` or `markdown` refer to.",
        pattern=r"^https?://[^\s]+$",
        max_length=4096,
        shareable=True,
        linkable=True,
        check=http_url,
    )
    wait_until: WaitUntil = option(
        "settled",
        "When the page counts as there: `settled` waits for load, fonts, images, animations and late"
        " requests; the others are Playwright's.",
        group="waits",
        shareable=True,
        linkable=True,
    )
    wait_for_timeout: int = option(
        8_000,
        "Milliseconds that navigation, and each wait after it, may take.",
        aliases=("navigation_timeout",),
        pixashot=True,
        group="waits",
        ge=1,
        shareable=True,
        linkable=True,
        check=at_most("max_timeout_ms", "ms"),
    )
    fail_on_status: list[str] | None = option(
        None,
        "Target statuses that are errors: `404`, `4xx`, `500-599`.",
        aliases=("fail_on_http_status_codes",),
        group="assertions",
        max_length=50,
        shareable=True,
        linkable=True,
    )


async def load(session: PageSession, options: LoadOptions) -> None:
    """Navigate, or set content; a page that loads slowly is reported, one that never answers is an error.

    Raises DeadlineExceeded when nothing answered in time, NotRenderable for a download, HostReturnedError for a
    status that the request does not accept. Chromium's own network errors pass through to the browser's border.
    """
    if options.url is not None:
        await _navigate(session, options.url, options)
    else:
        await _set_content(session, options)
    await _reach(session, options)


async def _navigate(session: PageSession, url: str, options: LoadOptions) -> None:
    timeout = session.deadline.timeout(options.wait_for_timeout, "load")
    downloads: list[str] = []
    session.page.on("download", lambda download: downloads.append(download.suggested_filename))
    try:
        response = await session.page.goto(url, wait_until="commit", timeout=timeout)
    except Exception as error:
        if is_timeout(error):
            raise DeadlineExceeded(
                "load", f"The target sent no page within {timeout:.0f} ms (wait_for_timeout), phase 'load'."
            ) from error
        if downloads or "Download is starting" in str(error):
            raise NotRenderable("The target is a download, not a page.") from error
        raise
    target = session.report.target
    target.final_url = session.page.url
    if response is not None:
        target.status = response.status
        if options.fail_on_status and matches(response.status, options.fail_on_status):
            raise HostReturnedError(
                f"The target answered with status {response.status}.",
                details=[{"field": "fail_on_status", "status": response.status}],
            )
        kind = response.headers.get("content-type", "text/html").split(";", 1)[0].strip().lower()
        if kind and not kind.startswith(_SHOWN):
            raise NotRenderable(f"The target is {kind}, which a browser downloads and does not show.")


async def _set_content(session: PageSession, options: LoadOptions) -> None:
    source = options.html_content or ""
    if options.base_url:
        source = _with_base(source, options.base_url)
    timeout = session.deadline.timeout(options.wait_for_timeout, "load")
    try:
        await session.page.set_content(source, wait_until="commit", timeout=timeout)
    except Exception as error:
        if not is_timeout(error):
            raise
        session.report.warn(
            "load_timeout", "The HTML was not parsed in time; the capture shows what was there."
        )


def _with_base(source: str, base_url: str) -> str:
    """The HTML with a `<base>` as the first thing in its head, where the parser will find it."""
    base = f'<base href="{html.escape(base_url, quote=True)}">'
    lowered = source[:10_000].lower()
    for tag in ("<head", "<html", "<!doctype"):
        start = lowered.find(tag)
        if start >= 0 and (end := source.find(">", start)) >= 0:
            return source[: end + 1] + base + source[end + 1 :]
    return base + source


async def _reach(session: PageSession, options: LoadOptions) -> None:
    """Wait for the load state; late is a warning, because most of the page is usually there."""
    state: Literal["domcontentloaded", "load", "networkidle"] | None = None
    if options.wait_until == "settled":
        state = "load"
    elif options.wait_until != "commit":
        state = options.wait_until
    if state is None:
        return
    timeout = session.deadline.share(0.6, options.wait_for_timeout)
    try:
        await session.page.wait_for_load_state(state, timeout=max(1, timeout))
    except Exception as error:
        if not is_timeout(error):
            raise
        session.report.warn("load_timeout", f"The page did not reach '{state}' within {timeout:.0f} ms.")


def matches(status: int, patterns: list[str]) -> bool:
    """Whether a status is one of `404`, `4xx`, `400-499`."""
    for pattern in patterns:
        low, dash, high = pattern.lower().partition("-")
        if dash:
            if low.isdigit() and high.isdigit() and int(low) <= status <= int(high):
                return True
        elif len(low) == 3 and all(p in ("x", s) for p, s in zip(low, str(status), strict=False)):
            return True
    return False
