"""HTML as Markdown: bytes in, bytes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdownify import MarkdownConverter


def markdown(html: bytes) -> bytes:
    """HTML in UTF-8 as Markdown in UTF-8. Raises RecursionError for HTML that is nested too deeply."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html.decode(), "html.parser")
    for tag in soup(["script", "style", "noscript", "template", "head", "svg", "iframe"]):
        tag.decompose()
    text: str = _converter().convert_soup(soup)
    lines = [_without_trailing_blanks(line) for line in text.strip().splitlines()]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return ("\n".join(kept) + "\n").encode()


# Characters that begin something in a line of Markdown, and text at the start of a line that does.
_SPECIAL = re.compile(r"([\\`*_\[\]<~]|&(?=#?\w+;))")
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|(?:-{3,}|={3,})(?=\s*$))")
_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
_LANGUAGE = re.compile(r"(?:^|\s)(?:lang|language|highlight-source|brush:?)[-\s:]+([\w+#.-]+)")


def _converter() -> MarkdownConverter:
    """markdownify's converter with the escapes of CommonMark and of tables, and the language of code."""
    from markdownify import MarkdownConverter

    class Converter(MarkdownConverter):
        def escape(self, text: str, parent_tags: set[str]) -> str:
            text = _SPECIAL.sub(r"\\\1", text or "")
            return _NUMBER.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", text))

        def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
            if "\n" in text.strip():
                # A link around blocks, such as a card: a link of Markdown holds one line.
                text = " ".join(re.sub(r"(?m)^\s*#+\s+", "", text).split())
            if el.get("href"):
                el["href"] = _address(el["href"])
            plain: Any = super()
            return str(plain.convert_a(el, text, parent_tags))

        def convert_img(self, el: Any, text: str, parent_tags: set[str]) -> str:
            alt = _SPECIAL.sub(r"\\\1", " ".join((el.get("alt") or "").split()))
            address, title = _address(el.get("src") or ""), el.get("title")
            if not address:
                return alt
            quoted = title.replace('"', r"\"") if title else ""
            return f'![{alt}]({address} "{quoted}")' if quoted else f"![{alt}]({address})"

        def convert_input(self, el: Any, text: str, parent_tags: set[str]) -> str:
            return "[ ] " if el.get("checked") is None else "[x] "

        def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
            plain: Any = super()
            return str(plain.convert_td(el, _cell(text), parent_tags))

        def convert_th(self, el: Any, text: str, parent_tags: set[str]) -> str:
            plain: Any = super()
            return str(plain.convert_th(el, _cell(text), parent_tags))

    return Converter(heading_style="ATX", bullets="-", autolinks=False, code_language_callback=_language)


def _without_trailing_blanks(line: str) -> str:
    """The line; two blanks at the end of a text are a line break of Markdown and stay."""
    stripped = line.rstrip()
    return f"{stripped}  " if stripped and line.endswith("  ") else stripped


def _cell(text: str) -> str:
    """Text without the characters that would end the cell of a table, also within code."""
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _address(url: str) -> str:
    """A URL that can stand between the parentheses of a link."""
    return re.sub(r"[\s()<>]", lambda found: f"%{ord(found[0]):02X}", url)


def _language(element: Any) -> str:
    """The language of a `pre`, from its attributes or those of the `code` in it."""
    for tag in (element, element.find("code")):
        if tag is None:
            continue
        named = tag.get("data-lang") or tag.get("data-language")
        classes = tag.get("class") or ""
        found = _LANGUAGE.search(classes if isinstance(classes, str) else " ".join(classes))
        if named or found:
            return str(named or (found and found[1]))
    return ""
