"""The fenced blocks of a Markdown page, and the mark above each that says how it is checked.

A mark is a comment on the line above the fence: `<!-- check: KIND -->`, with words that the kind takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
_MARK = re.compile(r"<!-- check: (.+?) -->\s*\Z", re.DOTALL)
RUN = {"sh": "shell", "python": "python", "js": "node"}
CLAIMS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `line` is that of its fence, counted from 1."""

    page: Path
    line: int
    language: str
    text: str
    kind: str
    argument: str = ""

    @property
    def place(self) -> str:
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in their order. A block without a mark has the kind of its language.

    `sh`, `python` and `js` are run. `text` and `json` right after such a block are its output. Every other
    block without a mark has the kind "unmarked".
    """
    found: list[Block] = []
    comment = ""
    for token in MarkdownIt().parse(page.read_text("utf-8")):
        if token.type == "html_block":
            comment = token.content
            continue
        if token.type != "fence":
            if token.type not in ("list_item_close", "list_item_open", "paragraph_open", "paragraph_close"):
                comment = ""
            continue
        assert token.map is not None
        language = (token.info.split() or [""])[0]
        mark = _MARK.search(comment)
        comment = ""
        if mark:
            kind, _, argument = mark[1].partition(" ")
            kind = kind.rstrip(",:")
        else:
            kind, argument = _kind(language, found), ""
        found.append(Block(page, token.map[0] + 1, language, token.content, kind, argument.strip()))
    return found


def _kind(language: str, before: list[Block]) -> str:
    if language in RUN:
        return RUN[language]
    if language in CLAIMS and before and before[-1].kind in (*RUN.values(), "fails"):
        return "output"
    return "unmarked"
