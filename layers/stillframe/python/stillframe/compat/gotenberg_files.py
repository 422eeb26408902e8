"""The files of a Gotenberg form: index.html with its files, header and footer, and Markdown in a template."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..errors import RequestNotValid
from ..steps.archive import pack
from .service import Route

# The one function of Go's html/template that Gotenberg offers: {{ toHTML "file.md" }}.
_MARKDOWN = re.compile(r"\{\{-?\s*toHTML\s+[\"`]([^\"`]+)[\"`]\s*-?\}\}")
# Characters of HTML that a template is filled with.
MAX_PAGE_CHARACTERS = 20_000_000
_TEMPLATES = ("header.html", "footer.html")
# Fields whose files are for the engines and not for the page.
_OF_ENGINES = ("embeds", "watermark", "stamp", "facturxXml")


def values(parts: Iterable[tuple[str, str | None, bytes]], route: Route) -> tuple[dict[str, Any], str | None]:
    """The fields of a form as foreign options, and the files of the page as `archive`.

    Raises RequestNotValid.
    """
    found: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, filename, content in parts:
        if filename is not None and name in _OF_ENGINES:
            found[name] = filename
        elif filename is not None:
            path = filename.replace("\\", "/").rsplit("/", 1)[-1]
            if path in files:
                raise _fault(path, f"the form has the file {path[:100]!r} twice")
            files[path] = content
        elif name in found:
            raise _fault(name, f"{name[:100]}: given twice")
        # An empty field is the default there.
        elif content:
            found[name] = content.decode("utf-8", "replace")
    for name in _TEMPLATES:
        if name in files and name in route.rows:
            found[name] = files.pop(name).decode("utf-8", "replace")
    if "index.html" in route.rows:
        return found, _archive(files, markdown="*.md" in route.rows)
    if files:
        raise _fault(next(iter(files)), f"{route.path} takes no files; use …/html")
    return found, None


def _archive(files: dict[str, bytes], *, markdown: bool) -> str:
    if "index.html" not in files:
        raise _fault("index.html", "index.html: the form has no file of this name")
    if markdown:
        files["index.html"] = _fill(files["index.html"].decode("utf-8", "replace"), files).encode()
    return pack(files)


def _fill(template: str, files: dict[str, bytes]) -> str:
    """The template with each Markdown file as HTML. Raises RequestNotValid for a file that is missing."""
    from markdown_it import MarkdownIt

    # HTML in Markdown is escaped, where Gotenberg removes what its sanitizer does not know.
    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # A template of a few kilobytes can name a large file a thousand times.
    rendered: dict[str, str] = {}
    left = MAX_PAGE_CHARACTERS

    def html_of(match: re.Match[str]) -> str:
        nonlocal left
        name = match[1]
        if name not in files:
            raise _fault("index.html", f"index.html: the form has no file {name[:100]!r}")
        if name not in rendered:
            rendered[name] = renderer.render(files[name].decode("utf-8", "replace"))
        left -= len(rendered[name])
        if left < 0:
            raise _fault("index.html", f"index.html: more than {MAX_PAGE_CHARACTERS} characters of Markdown")
        return rendered[name]

    return _MARKDOWN.sub(html_of, template)


def _fault(field: str, message: str) -> RequestNotValid:
    return RequestNotValid(f"{message}.", details=[{"field": field[:100], "message": message}])
