"""The page as a document: MHTML, plain text, Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import ResultTooLarge
from ..options import Options, option
from ..page.assets import call_page_script
from ..page.session import PageSession
from ..result import Artifact, CaptureReport
from ..steps.settle import send_while_time_advances
from . import artifact

_TEXT = "outputs/assets/page_text.js"
_HTML = "outputs/assets/drawn_html.js"


class DocumentOptions(Options, group="output"):
    content: Literal["page", "main"] = option(
        "page",
        "Part of the page in `markdown` and `text`: all of it, or the `main` content without navigation,"
        " where Markdown begins with title, author, date, canonical address and language.",
        shareable=True,
        linkable=True,
        per_output=True,
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """The whole page as `data`, its HTML with structure for finding the article, and where to warn."""

    data: str
    structure: str
    report: CaptureReport


class Document:
    """The document formats: mhtml, text and markdown."""

    async def shoot(self, session: PageSession, options: DocumentOptions, format: str) -> str | Drawn:
        """The page's text. Raises ResultTooLarge, if possible before it leaves the browser."""
        limit, run = session.limits.max_html_output_bytes, session.deadline.run
        if format == "mhtml":
            snapshot = send_while_time_advances(session, "Page.captureSnapshot", {"format": "mhtml"})
            return _limited(str((await run(snapshot, "shoot"))["data"]), limit)
        whole = await _read(session, format == "text", structure=False)
        if options.content == "page":
            return whole
        return Drawn(whole, await _read(session, text=False, structure=True), session.report)

    def encode(self, raw: str | Drawn, options: DocumentOptions, format: str) -> Artifact:
        """The document in UTF-8. Raises NotRenderable for HTML that is nested too deeply for Markdown."""
        if isinstance(raw, Drawn):
            from . import document_text

            return artifact(
                format, document_text.main(raw.data, raw.structure, raw.report, text=format == "text")
            )
        if format != "markdown":
            return artifact(format, raw.encode("utf-8", "surrogatepass" if format == "mhtml" else "replace"))
        from . import document_text

        return artifact(format, document_text.markdown(raw))


async def _read(session: PageSession, text: bool, *, structure: bool) -> str:
    limit = session.limits.max_html_output_bytes
    script, argument = (_TEXT, limit) if text else (_HTML, {"most": limit, "structure": structure})
    found = await session.deadline.run(call_page_script(session, script, argument), "shoot")
    if found["text"] is None:
        what = "text" if text else "HTML"
        raise ResultTooLarge(f"The page's {what} has {found['length']} characters; the limit is {limit}.")
    return _limited(str(found["text"]), limit)


def _limited(text: str, limit: int) -> str:
    """The text. Raises ResultTooLarge when it has more than `limit` bytes."""
    size = len(text.encode("utf-8", "replace"))
    if size > limit:
        raise ResultTooLarge(f"The document has {size} bytes; the limit is {limit}.")
    return text
