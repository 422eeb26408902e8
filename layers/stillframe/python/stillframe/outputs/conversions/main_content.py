"""The main content of a page: bytes of HTML in, JSON out.

trafilatura finds which words belong to the article. It writes its own reduced markup, which has no languages
of code, nested lists or headings of tables, so the page's own elements around those words are kept.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# An article with fewer words is not told from the rest of a page.
_FEWEST = 10
# The root of the article holds this share of its words; a comment or a caption may lie outside.
_SHARE = 0.95
# A list with this share of its words in links leads away from the article.
_LINKS = 0.8
_SIGN = re.compile(r"\s*[¶#§]+$")
_WORD = re.compile(r"\w+")
_LIST_OF_CONTENTS = re.compile(
    r"(?:^|[\s_-])(?:toc|(?:table-of-|local-)?contents)(?:$|[\s_-])", re.IGNORECASE
)
_LANGUAGE = re.compile(r"(?:^|\s)(?:highlight|language|lang|source|sourceCode|brush:?)[-\s:]+([\w+#.]+)(?!-)")
_NO_LANGUAGE = {"", "default", "none", "notranslate", "text", "source"}
_AROUND = {"nav", "aside", "footer", "form", "dialog", "menu", "header"}
_ROLES = {"navigation", "complementary", "contentinfo", "search", "banner"}
_CONTENT = "self::pre or self::table or self::img or self::figure or self::video"
_CONTAINERS = {"article", "body", "div", "form", "main", "section", "td"}


def main_content(html: bytes) -> bytes:
    """JSON with `content`, the article as HTML, and `facts` about the document.

    `html` is a document in UTF-8 whose addresses are absolute. `content` is None without an article.
    """
    from lxml.html import HTMLParser, document_fromstring, tostring

    document = html.decode()
    page = document_fromstring(document, parser=HTMLParser(remove_comments=True, remove_pis=True))
    article = _Article(page, _extracted(document)).cut()
    content = None
    if article is not None:
        _name_languages(article)
        content = tostring(_plain(article), encoding="unicode", with_tail=False)
    return json.dumps({"content": content, "facts": _facts(document, page)}).encode()


def _extracted(document: str) -> list[str]:
    """The words of the article, as trafilatura finds them."""
    from trafilatura import bare_extraction

    found = bare_extraction(
        document, include_comments=False, include_tables=True, include_formatting=False, favor_recall=True
    )
    body = getattr(found, "body", None)
    return [] if body is None else _words(" ".join(body.itertext()))


def _facts(document: str, page: HtmlElement) -> dict[str, str]:
    """What the page says of itself: title, author, date, canonical address, language."""
    from trafilatura.metadata import extract_metadata

    # The extensive search takes any date of the text for that of the page.
    found = extract_metadata(document, extensive=False)
    canonical = page.xpath("string(//link[@rel='canonical']/@href)") or found.url
    facts = {
        "title": _SIGN.sub("", found.title or ""),
        "author": found.author,
        "date": found.date,
        "canonical": canonical,
        "language": page.get("lang"),
    }
    return {name: " ".join(value.split()) for name, value in facts.items() if value}


class _Span(NamedTuple):
    """The place of an element's words in the page, and how many are in links and in the article."""

    start: int
    end: int
    linked: int
    found: int
    weight: int

    @property
    def words(self) -> int:
        return self.end - self.start


class _Article:
    """The page's elements around the words that trafilatura found."""

    def __init__(self, page: HtmlElement, extracted: list[str]) -> None:
        self.body = page.find("body")
        self.extracted = extracted
        self.spans: dict[Any, _Span] = {}
        self.words: list[str] = []
        self.found: list[bool] = []
        self.links: list[bool] = []

    def cut(self) -> HtmlElement | None:
        """The smallest element that holds the article, without what is not part of it; None without one."""
        if self.body is None or len(self.extracted) < _FEWEST:
            return None
        self._measure()
        whole = self.spans[self.body].weight
        if whole < _FEWEST:
            return None
        root = inner = self.body
        while (inner := next((c for c in inner if self.spans[c].weight >= _SHARE * whole), None)) is not None:
            if inner.tag in _CONTAINERS:
                root = inner
        heading = self._heading(root)
        self._prune(root)
        if heading is not None:
            # The text of the root goes behind the heading.
            heading.tail, root.text = root.text, None
            root.insert(0, heading)
        return root

    def _measure(self) -> None:
        """Fill in the words of every element, without recursion."""
        from lxml.etree import iterwalk

        links, places = 0, {}
        for event, element in iterwalk(self.body, events=("start", "end")):
            if event == "start":
                links += element.tag == "a"
                places[element] = [len(self.words)]
                self._add(element.text, links > 0)
            else:
                links -= element.tag == "a"
                places[element].append(len(self.words))
                if element is not self.body:
                    self._add(element.tail, links > 0)
        self.found = _matched(self.words, self.extracted)
        linked, found, weight = [0], [0], [0]
        for link, match in zip(self.links, self.found, strict=True):
            linked.append(linked[-1] + link)
            found.append(found[-1] + match)
            # Navigation repeats the headings of the article, as links.
            weight.append(weight[-1] + (match and not link))
        for element, (start, end) in places.items():
            sums = (sums[end] - sums[start] for sums in (linked, found, weight))
            self.spans[element] = _Span(start, end, *sums)

    def _add(self, text: str | None, link: bool) -> None:
        words = _words(text or "")
        self.words += words
        self.links += [link] * len(words)

    def _heading(self, root: HtmlElement) -> HtmlElement | None:
        """A copy of the page's main heading when it lies outside of the root."""
        from copy import copy

        headings = self.body.xpath(".//h1[normalize-space()]")
        if root.xpath("descendant-or-self::h1[normalize-space()]") or len(headings) != 1:
            return None
        return copy(headings[0])

    def _prune(self, root: HtmlElement) -> None:
        waiting = list(root)
        while waiting:
            element = waiting.pop()
            if self._is_outside(element):
                element.drop_tree()
            elif not element.xpath(_CONTENT):
                waiting += list(element)

    def _is_outside(self, element: HtmlElement) -> bool:
        """Whether an element within the root is no part of the article."""
        span, name = self.spans[element], element.tag
        if name == "a" and not _WORD.search(element.text_content()):
            # A sign or a picture that leads to a heading or to the top of the page.
            return bool(element.get("data-here") or not element.xpath(".//img"))
        if name == "nav" or element.get("role") in _ROLES:
            return True
        mostly = span.words > 0 and span.found < span.words / 2
        if name in _AROUND and mostly:
            return True
        if name in ("ul", "ol", "dl", "div", "section", "details", "p") and span.linked > _LINKS * span.words:
            named = f"{element.get('id') or ''} {element.get('class') or ''}"
            return bool(_LIST_OF_CONTENTS.search(named)) or (
                mostly and not element.xpath(f".//*[{_CONTENT}]")
            )
        return False


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _matched(words: list[str], extracted: list[str]) -> list[bool]:
    """For each word, whether it stands within three words that the extracted text has in this order."""
    size = min(3, len(extracted), len(words))
    known = {tuple(extracted[i : i + size]) for i in range(len(extracted) - size + 1)}
    found = [False] * len(words)
    for i in range(len(words) - size + 1):
        if tuple(words[i : i + size]) in known:
            found[i : i + size] = [True] * size
    return found


def _name_languages(article: HtmlElement) -> None:
    """Give code the language that an element around it names: Sphinx, GeSHi and others write it there."""
    for code in article.iter("pre"):
        own = code.xpath("self::*[@data-lang or @data-language] | code[@data-lang or @data-language]")
        around = [code, *code.findall("code"), *list(code.iterancestors())[:3]]
        for element in [] if own else around:
            found = _LANGUAGE.search(element.get("class") or "")
            if found and found[1].lower() not in _NO_LANGUAGE:
                code.set("data-lang", found[1])
                break


def _plain(article: HtmlElement) -> HtmlElement:
    """The article with elements that mean only their place on a page as plain blocks."""
    for element in article.iter(*_AROUND, "article", "main", "section", "details"):
        element.tag = "div"
    # A cell of a table that lays out the page is a block without its table.
    article.tag = "div"
    return article
