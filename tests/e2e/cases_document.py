"""Rows about PDF, HTML, text, metadata and how a result is answered."""

from __future__ import annotations

import json
import re

from cases import case, page
from entries import Answer
from look import GREEN, at, failed, paper, pdf, picture
from origins import Origins

A4, LETTER = (595, 842), (612, 792)


def about(found: tuple[float, float], wanted: tuple[float, float]) -> None:
    assert all(abs(a - b) <= 1.5 for a, b in zip(found, wanted, strict=True)), f"{found} is not {wanted}"


@case("pdf", url=page("paper.html"), format="pdf")
def _(a: Answer, s: Origins) -> None:
    reader = pdf(a)
    assert len(reader.pages) == 3
    about(paper(reader), A4)
    assert "Two" in reader.pages[1].extract_text()
    # Backgrounds are printed by default: the red of the sections is in the page's content.
    assert re.search(r"\.78\d* 0 0 (rg|RG|sc)", reader.pages[0].get_contents().get_data().decode("latin-1"))  # type: ignore[union-attr]


@case("pdf_print_background false", url=page("paper.html"), format="pdf", pdf_print_background=False)
def _(a: Answer, s: Origins) -> None:
    content = pdf(a).pages[0].get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    assert not re.search(r"\.78\d* 0 0 (rg|RG|sc)", content)


for name, size in (("Letter", LETTER), ("Legal", (612, 1008)), ("A5", (420, 595))):

    @case(f"pdf_format {name}", url=page("paper.html"), format="pdf", pdf_format=name)
    def _(a: Answer, s: Origins, size: tuple[int, int] = size) -> None:
        about(paper(pdf(a)), size)


@case("pdf_width and pdf_height", url=page("paper.html"), format="pdf", pdf_width="10cm", pdf_height="400px")
def _(a: Answer, s: Origins) -> None:
    about(paper(pdf(a)), (283.5, 300))


@case("pdf_landscape", url=page("paper.html"), format="pdf", pdf_landscape=True)
def _(a: Answer, s: Origins) -> None:
    about(paper(pdf(a)), (842, 595))


@case("pdf_scale", url=page("paper.html"), format="pdf", pdf_scale=0.5)
def _(a: Answer, s: Origins) -> None:
    matrix = pdf(a).pages[0].get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    # Twice as many units of the page on the paper as at scale 1, where the factor is 3.125.
    assert re.search(r"1\.5625 0 0 1\.5625 0 0 cm", matrix), matrix[:200]


@case("pdf_page_ranges", url=page("paper.html"), format="pdf", pdf_page_ranges="2-3")
def _(a: Answer, s: Origins) -> None:
    reader = pdf(a)
    assert len(reader.pages) == 2
    assert "Two" in reader.pages[0].extract_text()


@case("pdf_page_ranges without a page", url=page("paper.html"), format="pdf", pdf_page_ranges="7-9")
def _(a: Answer, s: Origins) -> None:
    failed(a, 400, "request_not_valid", "pdf_page_ranges", "'7-9'")


@case("margins without room for a page", url=page("paper.html"), format="pdf", pdf_margin="15cm")
def _(a: Answer, s: Origins) -> None:
    failed(a, 400, "request_not_valid", "pdf_margin", "room")


@case("pdf_margin", url=page("long.html"), format="pdf", pdf_margin="2in")
def _(a: Answer, s: Origins) -> None:
    # 11.69in - 4in of paper for 31.25in of content.
    assert len(pdf(a).pages) == 5


@case("pdf_margin_top alone", url=page("long.html"), format="pdf", pdf_margin_top="5in")
def _(a: Answer, s: Origins) -> None:
    assert len(pdf(a).pages) == 5


@case(
    "pdf_margin_right, pdf_margin_bottom and pdf_margin_left",
    url=page("long.html"),
    format="pdf",
    pdf_margin_right="1in",
    pdf_margin_bottom="5in",
    pdf_margin_left="2in",
)
def _(a: Answer, s: Origins) -> None:
    reader = pdf(a)
    assert len(reader.pages) == 5
    # 8.27in of paper without 3in of margins, from 2in (144 points) on.
    content = reader.pages[0].get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    assert re.search(r"\n60[0-9.]* 0 1581[0-9.]* ", content) or " 600" in content[:200], content[:300]


@case(
    "pdf_header and pdf_footer",
    url=page("paper.html"),
    format="pdf",
    pdf_header="<span>Head of <span class='title'></span></span>",
    pdf_footer="<span class='pageNumber'></span> of <span class='totalPages'></span>",
    pdf_margin="1in",
)
def _(a: Answer, s: Origins) -> None:
    text = pdf(a).pages[1].extract_text()
    assert "Head of Paper" in text
    assert "2 of 3" in text


@case("pdf_single_page", url=page("long.html"), format="pdf", pdf_single_page=True, pdf_width="600px")
def _(a: Answer, s: Origins) -> None:
    reader = pdf(a)
    assert len(reader.pages) == 1
    about(paper(reader), (450, 2250.75))


@case("pdf_prefer_css_page_size", url=page("csspage.html"), format="pdf", pdf_prefer_css_page_size=True)
def _(a: Answer, s: Origins) -> None:
    about(paper(pdf(a)), (225, 300))


@case("pdf_outline", url=page("paper.html"), format="pdf", pdf_outline=True)
def _(a: Answer, s: Origins) -> None:
    assert [str(o.title) for o in pdf(a).outline] == ["One", "Two", "Three"]  # type: ignore[union-attr]


@case("pdf_tagged", url=page("paper.html"), format="pdf", pdf_tagged=True)
def _(a: Answer, s: Origins) -> None:
    assert "/StructTreeRoot" in pdf(a).root_object


@case(
    "pdf_metadata",
    url=page("paper.html"),
    format="pdf",
    pdf_metadata={"title": "T", "author": "A", "subject": "S", "keywords": "k, w"},
)
def _(a: Answer, s: Origins) -> None:
    facts = pdf(a).metadata
    assert facts is not None
    assert (facts.title, facts.author, facts.subject, facts.get("/Keywords")) == ("T", "A", "S", "k, w")


@case("pdf uses print media", url=page("media.html"), format="pdf")
def _(a: Answer, s: Origins) -> None:
    assert len(pdf(a).pages) == 1


@case("pdf options are ignored for a picture", url=page("green.html"), pdf_format="Letter", pdf_scale=2)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)


@case("template article_pdf", raw=True, url=page("resources.html"), template="article_pdf")
def _(a: Answer, s: Origins) -> None:
    about(paper(pdf(a)), A4)
    assert s.requests("/image/a") == []


@case("html", url=page("late.html"), format="html")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert text.startswith("<!DOCTYPE html>")
    assert 'id="late"' in text
    assert 'id="spinner"' not in text


@case("mhtml", url=page("resources.html"), format="mhtml")
def _(a: Answer, s: Origins) -> None:
    assert b"multipart/related" in a.data
    assert b"image/png" in a.data


@case("text", url=page("words.html"), format="text")
def _(a: Answer, s: Origins) -> None:
    assert a.data.decode().split("\n\n")[:2] == ["First", "Some bold words and a link."]


@case("markdown output", url=page("words.html"), format="markdown")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert text.startswith("# First\n")
    assert "Some **bold** words and a [link](" in text
    assert "- one\n- two" in text
    assert "<" not in text


# Words of the page around the article.
_AROUND = ("All our tools", "Subscribe to", "Ten pans", "Imprint", "all rights reserved")


@case("content main as Markdown", url=page("article.html"), format="markdown", content="main")
def _(a: Answer, s: Origins) -> None:
    text, main = a.data.decode(), s.urls["main"]
    head, _, body = text.removeprefix("---\n").partition("\n---\n\n")
    assert head.split("\n") == [
        'title: "Mending a kettle"',
        'author: "Ada Smith"',
        'date: "2024-03-05"',
        f'canonical: "{main}/kettle"',
        'language: "en-GB"',
    ]
    assert body.startswith("# Mending a kettle\n\nA kettle that drips")
    assert body.endswith("would open it once more.\n")
    assert "\n## Where it leaks\n" in body
    assert f"[list of parts]({main}/parts/list.html)" in body
    assert f"![The open seam, seen from below]({main}/image/seam)" in body
    assert "| Metal | Solder |\n| --- | --- |\n| Copper | Tin with silver |" in body
    assert "```python\ndef warm(kettle):\n    return kettle.fill(0.5)  # litres\n```" in body
    assert "1. Clean both edges with steel wool.\n   - Not with acid.\n2. Heat" in body
    assert not [words for words in _AROUND if words in text]
    assert a.warnings == []


@case("content main as text", url=page("article.html"), format="text", content="main")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert text.startswith("Mending a kettle\n\nA kettle that drips is seldom lost.")
    assert "Metal\tSolder\nCopper\tTin with silver\nIron\tBrass\n\ndef warm(kettle):\n    return" in text
    assert text.endswith("would open it once more.\n")
    assert not [words for words in _AROUND if words in text]


@case("content page is the default", url=page("article.html"), format="markdown")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert not text.startswith("---")
    assert not [words for words in _AROUND if words not in text]


for kind, wanted in (("markdown", "[One]("), ("text", "One\nTwo\nThree")):

    @case(f"a page without main content, {kind}", url=page("menu.html"), format=kind, content="main")
    def _(a: Answer, s: Origins, wanted: str = wanted) -> None:
        assert wanted in a.data.decode()
        assert "no_main_content" in a.warnings


@case("metadata output", url=page("words.html"), format="metadata")
def _(a: Answer, s: Origins) -> None:
    facts = json.loads(a.data)
    assert (facts["title"], facts["description"], facts["language"], facts["status"]) == (
        "Words and links",
        "A page of words",
        "de",
        200,
    )
    assert facts["open_graph"]["title"] == "Open words"
    assert [h["text"] for h in facts["headings"]] == ["First", "Second"]
    assert facts["links"] == [f"{s.urls['main']}/green.html"]


for name, kind, word in (("json", "text", '{"answer": 42}'), ("text", "text", "plain words")):

    @case(f"a {name} document", url=page(name), format=kind)
    def _(a: Answer, s: Origins, word: str = word) -> None:
        assert word in a.data.decode()


@case(
    "metadata of a page that says too much",
    html_content=(
        "<body><script>const long = 'x'.repeat(1e6); document.title = long; for (let i = 0; i < 9; i++)"
        " document.body.append(Object.assign(document.createElement('a'), { href:"
        " `data:text/plain,${i}${long}` }))</script>"
    ),
    format="metadata",
)
def _(a: Answer, s: Origins) -> None:
    found = json.loads(a.data)
    assert [len(x) for x in (found["title"], *found["links"])] == [4096] * 10


@case("an image document", url=page("image/x?rgb=200,0,0"), selector="img")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.size == (100, 100)
    at(image, 50, 50, (200, 0, 0))


@case("an svg document", url=page("svg"))
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 50, 40, (0, 0, 200))


@case("a redirect is followed", url="%main%/redirect?code=301&to=%host%/green.html")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    assert s.one("/green.html").origin == "host"
    if "x-response-url" in a.headers:
        assert a.headers["x-response-url"] == s.urls["host"] + "/green.html"
        assert a.headers["x-response-code"] == "200"


@case("a redirect loop", url=page("loop"))
def _(a: Answer, s: Origins) -> None:
    failed(a, 502, "too_many_redirects")


@case("a download", url=page("download"))
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "not_renderable", "download")


@case("an answer without content", url=page("nothing"))
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "not_renderable")


@case("a closed connection", url=page("close/it"))
def _(a: Answer, s: Origins) -> None:
    failed(a, 502, "empty_response")


@case("an answer that is not HTTP", url=page("garbage"))
def _(a: Answer, s: Origins) -> None:
    assert (a.status, a.code) in ((502, "network_error"), (502, "empty_response"))


@case("a name that does not resolve", url="http://no-such-host.invalid/")
def _(a: Answer, s: Origins) -> None:
    failed(a, 502, "name_not_resolved")


@case("a port where nothing listens", url="http://127.0.0.9:9/")
def _(a: Answer, s: Origins) -> None:
    assert (a.status, a.code) in ((502, "connection_refused"), (403, "destination_blocked")), a.json


@case("an address that is not opened", url="http://10.0.0.1/")
def _(a: Answer, s: Origins) -> None:
    failed(a, 403, "destination_blocked")


@case("selector that matches nothing", url=page("green.html"), selector="#absent")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "selector_not_found", "#absent")


@case("selector without size", url=page("green.html"), selector="#empty")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "selector_not_found", "no size")


@case("clip outside the page", url=page("green.html"), clip={"x": 5000, "y": 0, "width": 10, "height": 10})
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "not_renderable", "clip")


@case("a page that closes itself", url=page("closes.html"))
def _(a: Answer, s: Origins) -> None:
    # A script may not close a window that it did not open.
    at(picture(a), 5, 5, GREEN)


@case("a page that computes for ever", url=page("spin.html"), timeout=15_000)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    assert "script_ended" in a.warnings


# Found by the sweep of tests/attack/test_sweep.py: any script of such a page that touches the second frame
# ends the renderer.
_UNTOUCHABLE = (
    "<!doctype html><body style='margin:0;background:rgb(0,160,0)'><h1>whole</h1><script>"
    "const a = document.createElement('iframe'); document.body.append(a);"
    " a.contentWindow.location = 'http://127.0.0.2:9/x';"
    " const b = document.createElement('iframe'); b.src = URL.createObjectURL(new Blob(['<p>x'],"
    " {type: 'text/html'})); document.body.append(b)</script>"
)
for name, more in {
    "html": {"format": "html"},
    "self-contained html": {"format": "html", "html_self_contained": True},
    "html without advertisements": {"format": "html", "block_ads": True, "block_cookie_banners": True},
}.items():

    @case(f"a frame that Chromium cannot show to scripts, {name}", html_content=_UNTOUCHABLE, **more)
    def _(a: Answer, s: Origins) -> None:
        assert a.status == 200, a.json
        assert b"<h1>whole</h1>" in a.data
