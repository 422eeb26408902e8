"""The page as a document: MHTML, plain text, Markdown."""

from __future__ import annotations

from ..errors import NotRenderable, ResultTooLarge
from ..options import Options
from ..page.assets import call_page_script
from ..page.session import PageSession
from ..result import Artifact
from ..steps.settle import send_while_time_advances
from . import artifact, conversions, worker_process

# HTML with more tags is written as Markdown in a process of its own: 10,000 tags take 0.3 s.
_TAGS_IN_THREAD = 10_000
_SCRIPTS = {
    "text": "outputs/assets/page_text.js",
    "markdown": "outputs/assets/drawn_html.js",
}


class Document:
    """The document formats: mhtml, text and markdown."""

    async def shoot(self, session: PageSession, options: Options, format: str) -> str:
        """The page's text. Raises ResultTooLarge, if possible before it leaves the browser."""
        limit, run = session.limits.max_html_output_bytes, session.deadline.run
        if format == "mhtml":
            snapshot = send_while_time_advances(session, "Page.captureSnapshot", {"format": "mhtml"})
            return _limited(str((await run(snapshot, "shoot"))["data"]), limit)
        found = await run(call_page_script(session, _SCRIPTS[format], limit), "shoot")
        if found["text"] is None:
            what = "text" if format == "text" else "HTML"
            raise ResultTooLarge(f"The page's {what} has {found['length']} characters; the limit is {limit}.")
        return _limited(str(found["text"]), limit)

    def encode(self, raw: str, options: Options, format: str) -> Artifact:
        """The document in UTF-8. Raises NotRenderable for HTML that is nested too deeply for Markdown."""
        if format != "markdown":
            return artifact(format, raw.encode("utf-8", "surrogatepass" if format == "mhtml" else "replace"))
        try:
            return artifact(format, _markdown(raw))
        except RecursionError:
            raise NotRenderable("The page is nested too deeply to be written as Markdown.") from None


def _limited(text: str, limit: int) -> str:
    """The text. Raises ResultTooLarge when it has more than `limit` bytes."""
    size = len(text.encode("utf-8", "replace"))
    if size > limit:
        raise ResultTooLarge(f"The document has {size} bytes; the limit is {limit}.")
    return text


def _markdown(html: str) -> bytes:
    data = html.encode("utf-8", "replace")
    if data.count(b"<") <= _TAGS_IN_THREAD:
        return conversions.markdown(data)
    try:
        return worker_process.run("markdown", data)
    except worker_process.WorkerFailed as error:
        raise NotRenderable("The page could not be written as Markdown.") from error
