"""The page as a document: HTML, MHTML, plain text, Markdown."""

from __future__ import annotations

from ..errors import NotRenderable, ResultTooLarge
from ..options import Options
from ..page.session import PageSession
from ..result import Artifact
from ..steps.virtual_clock import ticking
from . import artifact


class Document:
    """Four ways to write the page down."""

    async def shoot(self, session: PageSession, options: Options, format: str) -> str:
        """The text of the page. Raises ResultTooLarge, where it can before an oversized one leaves the browser."""
        page, limit = session.page, session.limits.max_html_output_bytes
        seconds = session.deadline.timeout(None, "shoot") / 1000
        if format == "mhtml":
            snapshot = session.cdp.send("Page.captureSnapshot", {"format": "mhtml"})
            answer = await session.within(ticking(session, snapshot), seconds, "shoot")
            return _within(str(answer["data"]), limit)
        length = await session.within(
            page.evaluate("() => document.documentElement ? document.documentElement.outerHTML.length : 0"),
            seconds,
            "shoot",
        )
        if length > limit:
            raise ResultTooLarge(f"The page's HTML has {length} characters; the limit is {limit}.")
        if format == "text":
            text = await session.within(
                page.evaluate(
                    "() => document.body ? document.body.innerText : document.documentElement.textContent"
                ),
                seconds,
                "shoot",
            )
            return _within(str(text), limit)
        return _within(await session.within(page.content(), seconds, "shoot"), limit)

    def encode(self, raw: str, options: Options, format: str) -> Artifact:
        try:
            text = _markdown(raw) if format == "markdown" else raw
        except RecursionError:
            raise NotRenderable("The page is nested too deeply to be written as Markdown.") from None
        return artifact(format, text.encode("utf-8", "surrogatepass" if format == "mhtml" else "replace"))


def _within(text: str, limit: int) -> str:
    """The text, when it is not over the limit of bytes. Raises ResultTooLarge."""
    size = len(text.encode("utf-8", "replace"))
    if size > limit:
        raise ResultTooLarge(f"The page is a document of {size} bytes; the limit is {limit}.")
    return text


def _markdown(html: str) -> str:
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(html, "html.parser")
    for tag in soup(["script", "style", "noscript", "template", "head", "svg", "iframe"]):
        tag.decompose()
    text: str = MarkdownConverter(heading_style="ATX", bullets="-").convert_soup(soup)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept) + "\n"
