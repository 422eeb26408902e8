"""Load the page: navigate to the URL, or render the HTML or Markdown of the request."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from ..errors import DeadlineExceeded, HostReturnedError
from ..option_checks import at_most, http_url, utf8_bytes
from ..options import option
from ..page import world
from ..page.files import MARKDOWN, MOUNTS, text_of
from ..page.interception import Interceptor
from ..page.session import PageSession, is_timeout
from ..page.supplied import Reply, SuppliedDocument, SuppliedFiles
from ..urls import origin_of, without_userinfo
from .archive import ArchiveOptions, open_archive
from .arrival import Arrival
from .late import draw_without_what_is_late, unless_it_navigates_forever
from .markdown_page import markdown_page

WaitUntil = Literal["settled", "commit", "domcontentloaded", "load", "networkidle"]


class LoadOptions(ArchiveOptions, group="source"):
    url: str | None = option(
        None,
        "URL of the page, http or https.",
        aliases=("uri",),
        pixashot=True,
        shareable=True,
        linkable=True,
        check=http_url,
        cli=None,
        hints={"prominent": 1, "placeholder": "https://example.com"},
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
        hints={"widget": "code"},
    )
    markdown: str | None = option(
        None,
        "Markdown to render instead of a URL.",
        secret=True,
        shareable=True,
        linkable=True,
        check=at_most("max_html_bytes", "bytes", utf8_bytes),
        hints={"widget": "code"},
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
        "Address that `html_content` or `markdown` is given: its origin and the base of relative URLs. The"
        " address itself is not requested.",
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
        brief="When the page is ready.",
    )
    wait_for_timeout: int = option(
        8_000,
        "Timeout in milliseconds of the navigation, and of each wait after it.",
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
        group="assertions",
        max_length=50,
        shareable=True,
        linkable=True,
    )

    @property
    def address(self) -> str | None:
        """The address of the document: the one it is loaded from, or the one it is given."""
        return self.url or self.base_url


async def load(session: PageSession, options: LoadOptions, interceptor: Interceptor) -> None:
    """Navigate to the URL or set the HTML; a page that loads slowly is a warning.

    Raises DeadlineExceeded when no response came in time, NotRenderable for a download, HostReturnedError
    for a status of `fail_on_status`. Chromium's network errors pass through to `browser.error_mapping`.
    """
    arrival = Arrival(session.page)
    if options.archive is not None:
        await _navigate(session, await _open_archive(session, options, interceptor), options, arrival)
        session.report.target.final_url = session.report.target.status = None
    elif options.url is not None:
        if (folder := MOUNTS.get(origin_of(options.url))) is not None:
            page = unquote(urlsplit(options.url).path).lstrip("/")
            await _supply_files(session, interceptor, origin_of(options.url), folder, page)
        await _navigate(session, options.url, options, arrival)
    else:
        await _set_content(session, options, interceptor)
    ahead = asyncio.create_task(world.open_ahead(session))
    try:
        await _wait_for_load_state(session, options, arrival)
    finally:
        ahead.cancel()


async def _open_archive(session: PageSession, options: LoadOptions, interceptor: Interceptor) -> str:
    """Supply the files of the archive, and return the address of its page."""
    unpacking = asyncio.to_thread(
        open_archive, options.archive or "", options.archive_page, session.limits.max_archive_bytes
    )
    files, page = await session.deadline.run(unpacking, "load")
    # Another origin for each capture, of which nothing can be left in a cache.
    origin = f"http://{secrets.token_hex(8)}.localhost"
    await _supply_files(session, interceptor, origin, files, page)
    return f"{origin}/{quote(page)}"


async def _supply_files(
    session: PageSession, interceptor: Interceptor, origin: str, files: Mapping[str, Reply], page: str
) -> None:
    pages = {}
    if page.lower().endswith(MARKDOWN) and page in files:
        rendering = asyncio.to_thread(markdown_page, text_of(files[page].body))
        html = await session.deadline.run(rendering, "load")
        pages[page] = Reply(html.encode("utf-8", "replace"), "text/html; charset=utf-8")
    session.files_origin = origin
    await interceptor.supply(session, SuppliedFiles(origin, files, pages))


async def _navigate(session: PageSession, url: str, options: LoadOptions, arrival: Arrival) -> None:
    timeout = session.deadline.timeout(options.wait_for_timeout, "load")
    try:
        # Credentials in the URL are answered to a challenge, not sent ahead.
        response = await session.page.goto(without_userinfo(url) or url, wait_until="commit", timeout=timeout)
    except Exception as error:
        if is_timeout(error):
            whole = timeout < options.wait_for_timeout
            limit = "what is left of the time of the capture, timeout" if whole else "wait_for_timeout"
            raise DeadlineExceeded(
                "load", f"The target did not respond within {timeout:.0f} ms ({limit}), phase 'load'."
            ) from error
        if (ours := arrival.error(error)) is not None:
            session.report.target.status = arrival.status
            check_status(arrival.status, options)
            raise ours from error
        raise
    session.report.target.final_url = session.page.url
    if response is not None:
        session.report.target.status = response.status
        check_status(response.status, options)


def check_status(status: int | None, options: LoadOptions) -> None:
    """Raise HostReturnedError for a status of `fail_on_status`."""
    if status is not None and options.fail_on_status and status_matches(status, options.fail_on_status):
        raise HostReturnedError(
            f"The target responded with status {status}.",
            details=[{"field": "fail_on_status", "status": status}],
        )


async def _set_content(session: PageSession, options: LoadOptions, interceptor: Interceptor) -> None:
    source = options.html_content or ""
    if options.markdown is not None:
        # In a thread: a long text would stop the event loop, on which the other captures run too.
        rendering = asyncio.to_thread(markdown_page, options.markdown)
        source = await session.deadline.run(rendering, "load")
    address = without_userinfo(options.base_url)
    if address:
        await interceptor.supply(session, SuppliedDocument(source))
    timeout = session.deadline.timeout(options.wait_for_timeout, "load")
    try:
        if address:
            await session.page.goto(address, wait_until="commit", timeout=timeout)
        else:
            await session.page.set_content(source, wait_until="commit", timeout=timeout)
    except Exception as error:
        if not is_timeout(error):
            raise
        session.report.warn("load_timeout", "The HTML was not parsed in time; the capture may be incomplete.")


async def _wait_for_load_state(session: PageSession, options: LoadOptions, arrival: Arrival) -> None:
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
        loading = session.page.wait_for_load_state(state, timeout=max(1, timeout))
        await arrival.until(unless_it_navigates_forever(session, loading))
        arrival.report_cut(session.report)
    except Exception as error:
        if not is_timeout(error):
            raise
        arrival.warn_of_delay(session.report, state, timeout)
        await draw_without_what_is_late(session)


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
