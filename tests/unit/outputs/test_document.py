"""HTML and Markdown."""

from __future__ import annotations

import pytest

from stillframe.errors import NotRenderable
from stillframe.outputs import document_text
from stillframe.outputs.conversions import html_markdown
from stillframe.outputs.document import Document

from .images import html_request


def test_html_nested_too_deeply_for_markdown_is_refused() -> None:
    with pytest.raises(NotRenderable, match="nested"):
        Document().encode(
            "<div>" * 600 + "deep" + "</div>" * 600, html_request(format="markdown"), "markdown"
        )


def test_html_with_many_tags_is_written_in_a_process_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    html, request = "<h1>a ü</h1>" + "<p>b" * 50, html_request(format="markdown")
    here = Document().encode(html, request, "markdown")
    monkeypatch.setattr(document_text, "_TAGS_IN_THREAD", 10)
    monkeypatch.setattr(html_markdown, "markdown", lambda _: pytest.fail("written in this process"))
    assert Document().encode(html, request, "markdown") == here


def test_html_nested_too_deeply_is_refused_by_the_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_text, "_TAGS_IN_THREAD", 10)
    with pytest.raises(NotRenderable, match="nested"):
        Document().encode("<div>" * 2000 + "deep", html_request(format="markdown"), "markdown")


MARKDOWN = {
    "a pipe in a cell": (
        "<table><tr><th>a|b</th></tr><tr><td><code>1|2</code></td></tr></table>",
        "| a\\|b |\n| --- |\n| `1\\|2` |\n",
    ),
    "emphasis characters": ("<p>2*3 and a_b</p>", "2\\*3 and a\\_b\n"),
    "backticks and brackets": ("<p>`x` [y](z)</p>", "\\`x\\` \\[y\\](z)\n"),
    "tags and entities": ("<p>&lt;b&gt; &amp;amp; R&amp;D ~~no~~</p>", "\\<b> \\&amp; R&D \\~\\~no\\~\\~\n"),
    "a backslash": ("<p>a\\*b</p>", "a\\\\\\*b\n"),
    "starts of lines": (
        "<p># no</p><p>- no</p><p>1. no</p><p>&gt; no</p><p>---</p>",
        "\\# no\n\n\\- no\n\n1\\. no\n\n\\> no\n\n\\---\n",
    ),
    "a number that is no list": ("<p>1.5 and 2.</p>", "1.5 and 2.\n"),
    "code is kept": ("<pre><code>a*b | `c`\n# d</code></pre>", "```\na*b | `c`\n# d\n```\n"),
    "language of a class": (
        '<pre><code class="hljs language-c++">x</code></pre>',
        "```c++\nx\n```\n",
    ),
    "language of a pre": ('<pre class="highlight-source-python">x</pre>', "```python\nx\n```\n"),
    "language of an attribute": ('<pre data-lang="rust">x</pre>', "```rust\nx\n```\n"),
    "no language": ('<pre><code class="block">x</code></pre>', "```\nx\n```\n"),
    "parentheses in an address": ('<a href="/a (b)">c</a>', "[c](/a%20%28b%29)\n"),
    "brackets in an alt text": ('<img src="/a" alt="b]c">', "![b\\]c](/a)\n"),
    "a link around blocks": ('<a href="/a"><h3>One</h3><p>two</p></a>', "[One two](/a)\n"),
    "a line break": ("<p>one<br>two</p>", "one  \ntwo\n"),
    "boxes of a list": (
        "<ul><li><input type=checkbox checked>a</li><li><input type=checkbox>b</li></ul>",
        "- [x] a\n- [ ] b\n",
    ),
}


@pytest.mark.parametrize(("html", "wanted"), MARKDOWN.values(), ids=MARKDOWN)
def test_markdown_keeps_the_characters_of_the_page(html: str, wanted: str) -> None:
    assert html_markdown.markdown(html.encode()).decode() == wanted
