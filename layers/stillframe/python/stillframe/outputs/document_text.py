"""Write a page as Markdown or text; imported only when a capture needs it."""

from __future__ import annotations

import json
import logging
from typing import Any

from ..errors import DeadlineExceeded, NotRenderable
from ..result import CaptureReport
from . import worker_process
from .conversions import html_markdown, html_text, main_content

log = logging.getLogger("stillframe")

# HTML with more tags is written as Markdown in a process of its own: 10,000 tags take 0.3 s.
_TAGS_IN_THREAD = 10_000
# The share of the time left that may be spent on finding the article: the whole page is better than nothing.
_SHARE = 0.6


def main(whole: str, structure: str, report: CaptureReport, *, text: bool) -> bytes:
    """The article; the `whole` page, with a warning, when no article is found in its `structure`."""
    found = _found(structure)
    content = found["content"]
    if content is None:
        report.warn(
            "no_main_content", "No main content was found on the page, so the result holds all of it."
        )
    if text:
        return whole.encode("utf-8", "replace") if content is None else _text(content)
    return _front_matter(found["facts"]) + markdown(whole if content is None else content)


def _found(structure: str) -> dict[str, Any]:
    """What `main_content` finds: `content`, None without an article, and `facts` about the document."""
    data = structure.encode("utf-8", "replace")
    try:
        # In a process, whatever the size: the parser is C code that reads a stranger's page, and trafilatura
        # and its tables would stay in memory.
        done = worker_process.run(
            "main_content",
            data,
            module=main_content,
            seconds=worker_process.seconds_left() * _SHARE,
        )
    except (DeadlineExceeded, RecursionError, worker_process.WorkerFailed) as error:
        log.warning("finding the main content failed", extra={"error": type(error).__name__})
        return {"content": None, "facts": {}}
    return dict(json.loads(done))


def _front_matter(facts: dict[str, str]) -> bytes:
    """The facts as YAML between lines of dashes; a string of JSON is one of YAML too."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items()]
    return "".join(["---\n", *lines, "---\n\n"]).encode("utf-8", "replace") if lines else b""


def markdown(html: str) -> bytes:
    """HTML as Markdown in UTF-8. Raises NotRenderable for HTML that is nested too deeply."""
    data = html.encode("utf-8", "replace")
    try:
        if data.count(b"<") <= _TAGS_IN_THREAD:
            return html_markdown.markdown(data)
        return worker_process.run("markdown", data, module=html_markdown)
    except RecursionError:
        raise NotRenderable("The page is nested too deeply to be written as Markdown.") from None
    except worker_process.WorkerFailed as error:
        raise NotRenderable("The page could not be written as Markdown.") from error


def _text(html: str) -> bytes:
    """HTML as text in UTF-8. Raises NotRenderable."""
    data = html.encode("utf-8", "replace")
    if data.count(b"<") <= _TAGS_IN_THREAD:
        return html_text.text(data)
    try:
        return worker_process.run("text", data, module=html_text)
    except worker_process.WorkerFailed as error:
        raise NotRenderable("The main content could not be written as text.") from error
