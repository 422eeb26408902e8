"""HTML as text: blocks on lines of their own, cells of a table apart by tabs, code as it is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Elements that a blank line sets off, and those that only begin a line.
_APART = frozenset({"p", "pre", "table", "ul", "ol", "dl", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"div", "li", "dt", "dd", "tr", "caption", "figcaption", "hr", "section", "body"})


def text(html: bytes) -> bytes:
    """HTML in UTF-8, well formed, as text in UTF-8 that ends with a line break."""
    writer = _Writer()
    writer.feed(html.decode())
    writer.close()
    written = re.sub(r"[ \t]*\n", "\n", "".join(writer.parts))
    return (re.sub(r"\n{3,}", "\n\n", written).strip("\n ") + "\n").encode()


class _Writer(HTMLParser):
    """Collects text; spaces between words are one, and none begins a line."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.code = 0
        self.breaks = 0
        self.space = False
        self.cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
            self.space = False
        elif tag in ("td", "th"):
            if self.cell and not self.breaks:
                self.parts.append("\t")
            self.cell, self.space = True, False
        else:
            self._break(tag)
        self.code += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag == "pre"
        if tag == "tr":
            self.cell = False
        self._break(tag)

    def _break(self, tag: str) -> None:
        count = 2 if tag in _APART else 1 if tag in _LINES else 0
        # A list within a list, and a block within a cell, stay close.
        self.breaks = max(self.breaks, count)

    def handle_data(self, data: str) -> None:
        if not self.code:
            words = " ".join(data.split())
            if not words:
                self.space = True
                return
            before = self.space or data[0].isspace()
            self.space = data[-1].isspace()
            data = f" {words}" if before and not self.breaks and self._in_line() else words
        self.parts.append("\n" * self.breaks + data)
        self.breaks = 0

    def _in_line(self) -> bool:
        return bool(self.parts) and not self.parts[-1].endswith(("\n", "\t"))
