"""Load the page: navigate to the URL, or render the HTML or Markdown of the request."""

from __future__ import annotations

import asyncio
import html
from typing import Literal

from ..errors import DeadlineExceeded, HostReturnedError, NotRenderable
from ..option_checks import at_most, http_url, utf8_bytes
from ..options import Options, option
from ..page.session import PageSession, is_timeout
from .markdown_page import markdown_page

WaitUntil = Literal["settled", "commit", "domcontentloaded", "load", "networkidle"]

# Content types that Chromium displays; it downloads every other.
_DISPLAYED = (
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
        "URL of the page, http or https.",
        aliases=("uri",),
        pixashot=True,
        shareable=True,
        linkable=True,
        check=http_url,
        cli=None,
    )
    html_content: str | None = option(
        None,
        "HTML to render instead of a URL.",
        aliases=("html",),
        pixashot=True,
        secret=True,
        shareable=True,
        linkable=True,
        check=at_most("max_html_bytes", "bytes", utf8_bytes),
    )
    markdown: str | None = option(
        None,
        "Markdown to render instead of a URL.",
        secret=True,
        shareable=True,
        linkable=True,
        check=at_most("max_html_bytes", "bytes", utf8_bytes),
    )
    s3_uri: str | None = option(
        None,
        "`s3://bucket/key` of an HTML or Markdown object in the input bucket, to render instead of a URL.",
        pattern=r"^s3://[a-z0-9.\-]{3,63}/.+$",
        max_length=1200,
        shareable=True,
        linkable=True,
        cli=None,
    )
    base_url: str | None = option(
        None,
        "Base of the relative URLs in `html_content` or `markdown`.",
        pattern=r"^https?://[^\s]+$",
        max_length=4096,
        shareable=True,
        linkable=True,
        check=http_url,
    )
    wait_until: WaitUntil = option(
        "settled",
        "When the page counts as loaded: `settled` waits for load, fonts, images, animations and late"
        " requests; the others are Playwright's load states.",
        group="waits",
        shareable=True,
        linkable=True,
    )
    wait_for_timeout: int = option(
        8_000,
        "Timeout in milliseconds of the navigation, and of each wait after it.",
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
        "HTTP statuses of the target that are errors: `404`, `4xx`, `500-599`.",
        aliases=("fail_on_http_status_codes",),
        group="assertions",
        max_length=50,
        shareable=True,
        linkable=True,
    )


async def load(session: PageSession, options: LoadOptions) -> None:
    """Navigate to the URL or set the HTML; a page that loads slowly is a warning.

    Raises DeadlineExceeded when no response came in time, NotRenderable for a download, HostReturnedError
    for a status of `fail_on_status`. Chromium's network errors pass through to `browser.error_mapping`.
    """
    if options.url is not None:
        await _navigate(session, options.url, options)
    else:
        await _set_content(session, options)
    await _wait_for_load_state(session, options)


async def _navigate(session: PageSession, url: str, options: LoadOptions) -> None:
    timeout = session.deadline.timeout(options.wait_for_timeout, "load")
    downloads: list[str] = []
    session.page.on("download", lambda download: downloads.append(download.suggested_filename))
    try:
        response = await session.page.goto(url, wait_until="commit", timeout=timeout)
    except Exception as error:
        if is_timeout(error):
            raise DeadlineExceeded(
                "load",
                f"The target did not respond within {timeout:.0f} ms (wait_for_timeout), phase 'load'.",
            ) from error
        if downloads or "Download is starting" in str(error):
            raise NotRenderable("The target is a download, not a page.") from error
        raise
    target = session.report.target
    target.final_url = session.page.url
    if response is not None:
        target.status = response.status
        if options.fail_on_status and status_matches(response.status, options.fail_on_status):
            raise HostReturnedError(
                f"The target responded with status {response.status}.",
                details=[{"field": "fail_on_status", "status": response.status}],
            )
        kind = response.headers.get("content-type", "text/html").split(";", 1)[0].strip().lower()
        if kind and not kind.startswith(_DISPLAYED):
            raise NotRenderable(
                f"The target has the content type {kind}, which browsers download instead of displaying."
            )


async def _set_content(session: PageSession, options: LoadOptions) -> None:
    source = options.html_content or ""
    if options.markdown is not None:
        # In a thread: a long text would stop the event loop, on which the other captures run too.
        rendering = asyncio.to_thread(markdown_page, options.markdown)
        source = await session.deadline.run(rendering, "load")
    if options.base_url:
        source = _with_base_url(source, options.base_url)
    timeout = session.deadline.timeout(options.wait_for_timeout, "load")
    try:
        await session.page.set_content(source, wait_until="commit", timeout=timeout)
    except Exception as error:
        if not is_timeout(error):
            raise
        session.report.warn("load_timeout", "The HTML was not parsed in time; the capture may be incomplete.")


def _with_base_url(source: str, base_url: str) -> str:
    """The HTML with a `<base>` element at the start of its head."""
    base = f'<base href="{html.escape(base_url, quote=True)}">'
    lowered = source[:10_000].lower()
    for tag in ("<head", "<html", "<!doctype"):
        start = lowered.find(tag)
        if start >= 0 and (end := source.find(">", start)) >= 0:
            return source[: end + 1] + base + source[end + 1 :]
    return base + source


async def _wait_for_load_state(session: PageSession, options: LoadOptions) -> None:
    """Wait for the load state; a timeout is a warning, because most of the page is usually there."""
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


def status_matches(status: int, patterns: list[str]) -> bool:
    """Whether a status matches one of the patterns: `404`, `4xx`, `400-499`."""
    for pattern in patterns:
        low, dash, high = pattern.lower().partition("-")
        if dash:
            if low.isdigit() and high.isdigit() and int(low) <= status <= int(high):
                return True
        elif len(low) == 3 and all(p in ("x", s) for p, s in zip(low, str(status), strict=False)):
            return True
    return False
