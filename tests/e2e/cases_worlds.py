"""Rows about pages that get in the way of scripts and styles, and about the words of a page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from cases import case, page
from entries import Answer
from look import BLUE, GREEN, RED, at, calm, failed, pdf, picture, warned
from origins import Origins

STRICT = "default-src 'self'; style-src 'nonce-a'; img-src *; frame-src *; script-src 'self'"
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src *; sandbox"
AD_GONE = {
    "custom_css": {"custom_css": ".ad,ad{display:none!important}"},
    "hide_selectors": {"hide_selectors": [".ad", "ad"]},
    "remove_selectors": {"remove_selectors": [".ad", "ad"]},
}


def under(name: str, policy: str = "") -> str:
    return page(f"policy/{name}?is={quote(policy)}")


# -- pages that replace what scripts use ---------------------------------------------------------------------


@case("a page that replaced the built-ins settles", url=page("tampered.html"))
def _(a: Answer, s: Origins) -> None:
    calm(a)
    image = picture(a)
    # The heading's height depends on the font; the box is below it.
    colours = {image.convert("RGB").getpixel((60, y)) for y in range(image.height)}
    assert GREEN in colours
    assert RED not in colours


@case("a page that replaced the built-ins, full page", url=page("tampered.html"), full_page=True)
def _(a: Answer, s: Origins) -> None:
    calm(a)
    picture(a)


@case("a page that replaced the built-ins, in real time", url=page("tampered.html"), wait_until="load")
def _(a: Answer, s: Origins) -> None:
    calm(a)
    picture(a)


@case("a page that replaced the built-ins, element", url=page("tampered.html"), selector="#box")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.size == (120, 60)
    at(image, 60, 30, GREEN)


@case(
    "a page that replaced the built-ins, single page",
    url=page("tampered.html"),
    format="pdf",
    pdf_single_page=True,
)
def _(a: Answer, s: Origins) -> None:
    assert len(pdf(a).pages) == 1


for kind, words in (("text", "Where we are"), ("markdown", "# Where we are"), ("html", "Where we are")):

    @case(f"a page that replaced the built-ins as {kind}", url=page("tampered.html"), format=kind)
    def _(a: Answer, s: Origins, words: str = words) -> None:
        calm(a)
        assert words in a.data.decode()


@case("a page that replaced the built-ins as metadata", url=page("tampered.html"), format="metadata")
def _(a: Answer, s: Origins) -> None:
    found = json.loads(a.data)
    assert (found["title"], found["headings"][0]["text"]) == ("Tampered", "Where we are")


@case(
    "a page that replaced the built-ins meets every step",
    url=page("tampered.html"),
    custom_css="#box{width:90px}",
    hide_selectors=["#head"],
    fail_on=["banner", "challenge", "blank"],
    fail_if_missing=["pressed"],
    wait_for_selector="#box",
    wait_for_hidden="#absent",
    wait_for_function="document.title === 'Tampered'",
    custom_js="document.body.style.background = 'rgb(0,0,200)'",
    interactions=[{"action": "click", "selector": "#b"}, {"action": "scroll", "x": 0, "y": 10}],
)
def _(a: Answer, s: Origins) -> None:
    calm(a)
    at(picture(a), 300, 5, BLUE)


@case("a page that named its forms after methods, text", url=page("clobbered.html"), format="text")
def _(a: Answer, s: Origins) -> None:
    words = a.data.decode()
    assert "Seen anyway" in words
    assert "seven" in words


@case("a page that named its forms after methods, markdown", url=page("clobbered.html"), format="markdown")
def _(a: Answer, s: Origins) -> None:
    assert "# Seen anyway" in a.data.decode()


@case("a page that named its forms after methods, metadata", url=page("clobbered.html"), format="metadata")
def _(a: Answer, s: Origins) -> None:
    found = json.loads(a.data)
    assert (found["title"], found["language"]) == ("Clobbered", "fr")


@case(
    "a page that named its forms after methods",
    url=page("clobbered.html"),
    wait_for_selector="#head",
    remove_selectors=[".ad"],
    fail_on=["blank", "banner"],
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    calm(a)
    colours = picture(a).convert("RGB").getcolors(1 << 20) or []
    assert RED not in {colour for _, colour in colours}


# -- the caller's scripts ------------------------------------------------------------------------------------

TURN_BLUE = "document.body.style.background = 'rgb(0,0,200)'"


@case("custom_js where a policy forbids scripts", url=page("csp"), custom_js=f'eval("{TURN_BLUE}")')
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, BLUE)


@case("custom_js where a policy sandboxes the page", url=under("tall", SANDBOX), custom_js=TURN_BLUE)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 200, 5, BLUE)


@case(
    "custom_js that waits where no timer runs",
    url=under("tall", SANDBOX),
    custom_js="await new Promise(done => setTimeout(done, 10))",
)
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "script_failed", "custom_js", "sandbox")


@case("custom_js that is no JavaScript", url=page("green.html"), custom_js="if (")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "script_failed", "custom_js", "SyntaxError")


@case("init_js that is no JavaScript", url=page("green.html"), init_js="if (")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "script_failed", "init_js", "SyntaxError")


@case("init_js that throws", url=page("green.html"), init_js="missing.thing = 1")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "script_failed", "init_js", "missing is not defined")


@case("init_js where a policy sandboxes the page", url=under("tall", SANDBOX), init_js="window.early = 1")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "script_failed", "init_js", "sandbox")


@case("init_js without JavaScript", url=page("green.html"), init_js="window.early = 1", javascript=False)
def _(a: Answer, s: Origins) -> None:
    failed(a, 400, "request_not_valid", "init_js")


for name, source in (
    ("an expression", "window.ready"),
    ("an expression with a semicolon", "window.ready === true;"),
    ("an arrow", "() => window.ready"),
    ("an async function", "async function () { return window.ready }"),
    ("statements", "const r = window.ready; r"),
    ("a body", "if (window.ready) return true"),
):

    @case(f"wait_for_function {name}", url=page("late.html"), wait_for_function=source, wait_until="load")
    def _(a: Answer, s: Origins) -> None:
        calm(a)
        at(picture(a), 75, 25, GREEN)


@case("wait_for_function where eval is forbidden", url=page("csp"), wait_for_function="eval('2 > 1')")
def _(a: Answer, s: Origins) -> None:
    calm(a)


@case(
    "wait_for_function where a policy sandboxes the page",
    url=under("tall", SANDBOX),
    wait_for_function="document.images.length === 1",
)
def _(a: Answer, s: Origins) -> None:
    calm(a)


@case("wait_for_function that is no JavaScript", url=page("green.html"), wait_for_function="if (")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "script_failed", "wait_for_function", "SyntaxError")


@case(
    "wait_for_function that stays false",
    url=page("green.html"),
    wait_for_function="false",
    wait_for_timeout=300,
)
def _(a: Answer, s: Origins) -> None:
    warned(a, "wait_for_function_timeout")


# -- styles that a policy forbids, in every tree -------------------------------------------------------------

for name, options in AD_GONE.items():

    @case(f"{name} in an SVG document", url=under("drawing", STRICT), **options)
    def _(a: Answer, s: Origins) -> None:
        at(picture(a), 20, 20, GREEN)

    @case(f"{name} in XHTML under a strict policy", url=under("xhtml", STRICT), **options)
    def _(a: Answer, s: Origins) -> None:
        at(picture(a), 20, 20, GREEN)

    @case(f"{name} in an XML document", url=under("xml"), **options)
    def _(a: Answer, s: Origins) -> None:
        assert picture(a).convert("RGB").getpixel((20, 20)) != RED

    @case(f"{name} in frames of this and of another site", url=under("framed", STRICT), **options)
    def _(a: Answer, s: Origins) -> None:
        image = picture(a)
        at(image, 50, 25, GREEN)
        at(image, 50, 75, GREEN)

    @case(f"{name} in a shadow tree", raw=True, url=page("deep.html"), window_width=700, **options)
    def _(a: Answer, s: Origins) -> None:
        image = picture(a)
        at(image, 350, 25, GREEN)
        at(image, 550, 25, GREEN)


@case("custom_css with an import", url=page("green.html"), custom_css="@import url(/style.css);#x{top:1px}")
def _(a: Answer, s: Origins) -> None:
    assert s.requests("/style.css")


@case(
    "custom_css reaches a shadow tree that comes late",
    html_content=(
        "<body style='margin:0'><script>setTimeout(() => { const e = document.createElement('div');"
        " document.body.append(e); e.attachShadow({mode: 'open'}).innerHTML ="
        " '<p style=\"margin:0;height:99px;background:rgb(200,0,0)\"></p>' }, 900)</script>"
    ),
    custom_css="p{background:rgb(0,160,0)!important}",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 50, 50, GREEN)


@case(
    "custom_css stays when the page replaces its own sheets",
    html_content=(
        "<body style='margin:0'><p style='margin:0;height:99px;background:rgb(200,0,0)'></p>"
        "<script>setTimeout(() => { document.adoptedStyleSheets = [] }, 900)</script>"
    ),
    custom_css="p{background:rgb(0,160,0)!important}",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 50, 50, GREEN)


@case("the caret under a strict policy", url=under("focused", "default-src 'none'; style-src 'nonce-a'"))
def _(a: Answer, s: Origins) -> None:
    colours = picture(a).convert("RGB").getcolors(1 << 20) or []
    assert RED not in {colour for _, colour in colours}


@case("a page that a policy sandboxes", url=under("tall", SANDBOX), full_page=True)
def _(a: Answer, s: Origins) -> None:
    calm(a)
    image = picture(a)
    assert image.height == 1500
    at(image, 50, 1350, BLUE)


# -- words ---------------------------------------------------------------------------------------------------

SEEN = (
    "Invoice 42",
    "for Slotted name",
    "Inner words",
    "kept words",
    "typed name",
    "new note",
    "second choice",
    "Words in a frame",
    "More",
)
UNSEEN = (
    *("never slotted", "Gone words", "Faint words", "Hidden attribute", "gone in a tree", "gone in a frame"),
    *("s3cret", "token-word", "default", "old note", "first choice", "folded words", "hidden frame"),
    *("canvas fallback", "svg title"),
)


def seen(words: str) -> None:
    assert [w for w in SEEN if w not in words] == []
    assert [w for w in UNSEEN if w in words] == []


@case("text of trees, frames and fields", url=page("deep.html"), format="text")
def _(a: Answer, s: Origins) -> None:
    words = a.data.decode()
    seen(words)
    assert "SHOUTED\n\none two three\nfour\n" in words
    assert "left\tright" in words


@case("markdown of trees, frames and fields", url=page("deep.html"), format="markdown")
def _(a: Answer, s: Origins) -> None:
    words = a.data.decode()
    seen(words.replace("**", ""))
    assert "## Invoice 42" in words
    assert f"[deep]({s.urls['main']}/deep-link)" in words
    assert "second choice [x]" in words


@case("metadata of trees and frames", url=page("deep.html"), format="metadata")
def _(a: Answer, s: Origins) -> None:
    found = json.loads(a.data)
    seen(found["text"])
    assert found["headings"] == [{"level": 2, "text": "Invoice 42"}]
    assert found["links"] == [f"{s.urls['main']}/deep-link"]


@case("assertions about trees, frames and fields", url=page("deep.html"), fail_if_missing=list(SEEN))
def _(a: Answer, s: Origins) -> None:
    picture(a)


@case("assertions about what is hidden", url=page("deep.html"), fail_if_contains=list(UNSEEN))
def _(a: Answer, s: Origins) -> None:
    picture(a)


@case("text of an SVG document", url=under("drawing"), format="text")
def _(a: Answer, s: Origins) -> None:
    assert a.data.decode().split() == ["drawn", "words"]


@case("text of an XML document", url=under("xml"), format="text")
def _(a: Answer, s: Origins) -> None:
    assert "one word" in a.data.decode()


DRAW = "<script>{}.querySelector('canvas').getContext('2d').fillRect(0, 0, 9, 9)</script>"
BLANKS: dict[str, tuple[str, bool]] = {
    "nothing": ("", True),
    "an empty application": ("<div id=root style='height:100vh'></div>", True),
    "hidden words": ("<p style='display:none'>words</p>", True),
    "a canvas": ("<canvas width=50 height=50></canvas>", True),
    "a drawing": (f"<canvas width=50 height=50></canvas>{DRAW.format('document')}", False),
    "a background picture": ("<div style='height:50px;background:linear-gradient(red,blue)'></div>", False),
    "words of a style": ("<style>body:after{content:'drawn'}</style>", False),
    "a picture in a shadow tree": (
        "<div><template shadowrootmode=open><canvas width=9 height=9></canvas></template></div>"
        + DRAW.format("document.querySelector('div').shadowRoot"),
        False,
    ),
    "words in a frame": ("<iframe srcdoc='words'></iframe>", False),
    "a field": ("<input>", False),
}
for name, (body, blank) in BLANKS.items():
    # A declarative shadow tree needs the parser of a response.
    @case(f"fail_on blank with {name}", html_content=f"<!doctype html><body>{body}", fail_on=["blank"])
    def _(a: Answer, s: Origins, blank: bool = blank) -> None:
        if blank:
            failed(a, 422, "assertion_failed", "blank")
        else:
            picture(a)


TWO = (
    "<style>body{margin:0}nav{height:50px;background:rgb(0,160,0)}.m{display:none}</style>"
    "<nav class='menu m'>one</nav>"
    "<nav class='menu' onclick=\"this.style.background='rgb(0,0,200)'\">two</nav>"
)


def _with_two(name: str, **options: Any) -> Any:
    return case(name, html_content=TWO, wait_for_timeout=3000, **options)


for selector in (".menu", "nav >> text=two", "//nav[2]", "text=two", "nav:has-text('two')"):

    @_with_two(f"wait_for_selector {selector} of two", wait_for_selector=selector)
    def _(a: Answer, s: Origins) -> None:
        calm(a)


@_with_two("wait_for_hidden of one that stays", wait_for_hidden=".menu", wait_until="load")
def _(a: Answer, s: Origins) -> None:
    warned(a, "wait_for_hidden_timeout")


@_with_two("click on the one that can be seen", interactions=[{"action": "click", "selector": ".menu"}])
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 200, 25, BLUE)


for selector in ("x-card h2", "x-inner p", "h2", "x-card >> css=h2", "body >>> h2", "body >>>> x-inner p"):

    @case(f"wait_for_selector {selector} in a shadow tree", url=page("deep.html"), wait_for_selector=selector)
    def _(a: Answer, s: Origins) -> None:
        calm(a)
