"""The main content of a page: what is kept, what is left out, and what happens when there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe.errors import DeadlineExceeded
from stillframe.outputs import document_text, worker_process
from stillframe.outputs.conversions import html_text, main_content
from stillframe.result import CaptureReport

SENTENCE = "The seam below the spout opens first, because it is heated and cooled on every day of the year. "
ARTICLE = f"<article><h1>Kettles</h1><p>{SENTENCE * 3}</p>%s<p>{SENTENCE * 3}</p></article>"


def found(body: str, head: str = "") -> dict[str, Any]:
    page = f'<html lang="en"><head>{head}</head><body>{body}</body></html>'
    return dict(json.loads(main_content.main_content(page.encode())))


def content(body: str) -> str:
    return str(found(body)["content"])


KEPT = {
    "a table in the middle": "<table><tr><th>Metal</th></tr><tr><td>tin</td></tr></table>",
    "code in the middle": "<pre>melt()</pre>",
    "an image in the middle": '<img src="http://a/b" alt="seam">',
    "a short paragraph in the middle": "<p>Yes.</p>",
    "a link in a sentence": '<p>See the <a href="http://a/b">list of all parts</a> for more about it.</p>',
    "a list within a list": "<ul><li>one<ul><li>two</li></ul></li></ul>",
}
LINKS = "<ul>" + '<li><a href="http://a/b">one of very many pages</a></li>' * 20 + "</ul>"
LEFT_OUT = {
    "navigation": '<nav><a href="http://a/b">gone</a></nav>',
    "a role of navigation": '<div role="navigation"><a href="http://a/b">gone</a></div>',
    "a list of links": "<ul>" + '<li><a href="http://a/b">gone for good</a></li>' * 5 + "</ul>",
    "a list of contents": '<div class="local-toc"><ul><li><a href="#a">gone</a></li></ul></div>',
    "a sign that links to a heading": '<h2>Two<a href="http://a/#two" data-here="1">#</a></h2>',
    "a picture that leads to the top": '<a href="http://a/#" data-here="1"><img src="http://a/#"></a>',
}


@pytest.mark.parametrize("inner", KEPT.values(), ids=KEPT)
def test_what_stands_within_the_article_is_kept(inner: str) -> None:
    assert inner in content(ARTICLE % inner)


@pytest.mark.parametrize("inner", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_leads_away_is_left_out(inner: str) -> None:
    kept = content(ARTICLE % inner)
    assert not [word for word in ("gone", "#") if word in kept]
    assert kept.count(SENTENCE.strip()) == 6


def test_what_stands_around_the_article_is_left_out() -> None:
    around = "<div>Subscribe to our letter</div>%s<div>All rights are reserved by us</div>"
    kept = content(around % (ARTICLE % ""))
    assert "Subscribe" not in kept
    assert "reserved" not in kept


def test_the_heading_of_the_page_is_put_before_an_article_without_one() -> None:
    kept = content(f"<header><h1>Kettles</h1></header><article><p>{SENTENCE * 6}</p></article>")
    assert kept.index("<h1>Kettles</h1>") < kept.index("The seam")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        (
            '<div class="highlight-python notranslate"><div class="highlight"><pre>a</pre></div></div>',
            "python",
        ),
        ('<div class="c source-c"><pre class="de1">a</pre></div>', "c"),
        ('<pre><code class="language-c++">a</code></pre>', "c++"),
        ('<pre data-lang="rust">a</pre>', "rust"),
        ('<div class="highlight-default"><pre>a</pre></div>', None),
        ("<pre>a</pre>", None),
    ],
)
def test_code_has_the_language_that_an_element_around_it_names(code: str, language: str | None) -> None:
    kept = content(ARTICLE % code)
    assert (f'data-lang="{language}"' in kept) if language else ("data-lang" not in kept)


@pytest.mark.parametrize(
    "body", ["", "<p>Few words.</p>", "<nav><a href='http://a/'>One</a></nav>", "<div>" * 900, LINKS]
)
def test_a_page_without_an_article_has_no_content(body: str) -> None:
    assert found(body)["content"] is None


def test_the_facts_are_what_the_page_says() -> None:
    head = (
        '<title>Kettles</title><meta name="author" content="Ada Smith">'
        '<meta property="article:published_time" content="2024-03-05">'
        '<link rel="canonical" href="http://a/kettles">'
    )
    assert found(ARTICLE % "", head)["facts"] == {
        "title": "Kettles",
        "author": "Ada Smith",
        "date": "2024-03-05",
        "canonical": "http://a/kettles",
        "language": "en",
    }


def test_a_date_in_the_text_is_not_that_of_the_page() -> None:
    assert (
        "date" not in found(ARTICLE % "<p>It was sold on 3 May 1999 to the owner of the mill.</p>")["facts"]
    )


def test_front_matter_is_yaml_whatever_the_title_says() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the front matter")
    facts = {"title": 'a "b": #c\n---\nd\u2028', "author": "- é\t"}
    written = document_text._front_matter(facts).decode()
    assert written.count("---\n") == 2
    assert yaml.safe_load(written.removeprefix("---\n").partition("\n---\n")[0]) == facts


class _Ends:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *args: Any, **named: Any) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    "error", [worker_process.WorkerFailed("status -11"), DeadlineExceeded("encode"), RecursionError()]
)
@pytest.mark.parametrize(("text", "whole", "wanted"), [(True, "a\tb", b"a\tb"), (False, "<p>a", b"a\n")])
def test_the_whole_page_is_the_answer_when_the_search_fails(
    monkeypatch: pytest.MonkeyPatch, error: Exception, text: bool, whole: str, wanted: bytes
) -> None:
    monkeypatch.setattr(worker_process, "run", _Ends(error))
    report = CaptureReport()
    assert document_text.main(whole, "<p>a", report, text=text) == wanted
    assert [w["code"] for w in report.warnings] == ["no_main_content"]


def test_the_article_is_found_in_a_process() -> None:
    report = CaptureReport()
    page = f"<html><body>{ARTICLE % ''}</body></html>"
    written = document_text.main("whole", page, report, text=True).decode()
    assert written.startswith("Kettles\n\nThe seam")
    assert report.warnings == []


TEXT = {
    "paragraphs": ("<p>one\n two</p> <p>three</p>", "one two\n\nthree\n"),
    "words of several elements": ("<p>a<b>b</b> <i>c</i>, d</p>", "ab c, d\n"),
    "a line break": ("<p>one<br> two</p>", "one\ntwo\n"),
    "lists": ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><p>d", "a\n\nb\n\nc\n\nd\n"),
    "a table": ("<table><tr><th>a<th>b</tr><tr><td>c<td>d</tr></table>", "a\tb\nc\td\n"),
    "code": ("<p>x</p><pre>a\n  b\n</pre><p>y</p>", "x\n\na\n  b\n\ny\n"),
    "nothing": ("", "\n"),
}


@pytest.mark.parametrize(("html", "wanted"), TEXT.values(), ids=TEXT)
def test_html_becomes_text(html: str, wanted: str) -> None:
    assert html_text.text(html.encode()).decode() == wanted
