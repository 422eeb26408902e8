"""Rows about elements, the geometry of full pages, and what is drawn only near the window."""

from __future__ import annotations

from typing import Any

from cases import case, page
from entries import Answer
from look import BLUE, CYAN, GREEN, MAGENTA, RED, YELLOW, Colour, at, calm, failed, picture, warned
from origins import Origins
from PIL import Image

HEAD = "<!doctype html><style>body{margin:0}</style>"
G, R, B = "background:rgb(0,160,0)", "background:rgb(200,0,0)", "background:rgb(0,0,200)"
Y, C, M = "background:rgb(255,255,0)", "background:rgb(0,200,200)", "background:rgb(255,0,255)"


def only(image: Image.Image, colour: Colour, width: int, height: int) -> None:
    """The picture has this size and no other colour."""
    assert image.size == (width, height)
    assert image.convert("RGB").getcolors() == [(width * height, colour)]


def rows(image: Image.Image, x: int, colour: Colour) -> int:
    """How many pixels of a column have the colour."""
    rgb = image.convert("RGB")
    return [rgb.getpixel((x, y)) for y in range(image.height)].count(colour)


def shape(name: str, html: str, **options: Any) -> Any:
    """A row about a page given as HTML."""
    return case(name, html_content=HEAD + html, **options)


# -- elements ------------------------------------------------------------------------------------------------

ELEMENTS = {
    "in a scroll area": (
        "<div style='height:100px;width:200px;overflow:auto'><div style='height:700px'></div>"
        f"<div id=e style='width:90px;height:60px;{G}'></div><div style='height:300px'></div></div>"
        f"<div style='height:900px;{R}'></div>"
    ),
    "in a scroll area of a scroll area": (
        "<div style='height:150px;overflow:auto'><div style='height:500px'></div>"
        "<div style='height:100px;overflow:auto'><div style='height:400px'></div>"
        f"<div id=e style='width:90px;height:60px;{G}'></div><div style='height:300px'></div></div>"
        f"<div style='height:400px;{R}'></div></div>"
    ),
    "in a scroll area that scrolls sideways": (
        "<div style='width:200px;overflow:auto;white-space:nowrap;line-height:0'>"
        f"<i style='display:inline-block;width:900px;height:60px;{R}'></i>"
        f"<i id=e style='display:inline-block;width:90px;height:60px;{G}'></i></div>"
    ),
    "in a scroll area below the window": (
        f"<div style='height:900px'></div><div style='height:100px;overflow:auto'>"
        f"<div style='height:300px;{R}'></div><div id=e style='width:90px;height:60px;{G}'></div>"
        "<div style='height:300px'></div></div><div style='height:900px'></div>"
    ),
    "that is fixed": f"<div style='height:900px;{R}'></div>"
    f"<div id=e style='position:fixed;bottom:0;width:90px;height:60px;{G}'></div>",
    "below a bar that is pinned": (
        f"<div style='position:fixed;top:0;width:100%;height:200px;{R}'></div><div style='height:900px'>"
        f"</div>"
        f"<div id=e style='width:90px;height:60px;{G}'></div><div style='height:900px'></div>"
    ),
    "below a bar and before a backdrop that are pinned": (
        f"<div style='position:fixed;inset:0;z-index:-1;{B}'></div><div style='position:fixed;top:0;"
        f"width:100%;height:110px;{R}'></div><div style='height:900px'></div>"
        f"<div id=e style='width:90px;height:60px;{G}'></div><div style='height:900px'></div>"
    ),
    "that reaches below a bar at the lower edge": (
        f"<div style='position:fixed;bottom:0;width:100%;height:60px;{R}'></div><div style='height:190px'>"
        f"</div><div id=e style='width:90px;height:60px;{G}'></div><div style='height:900px'></div>"
    ),
    "in a bar that is pinned before a backdrop": (
        f"<div style='position:fixed;inset:0;z-index:-1;{B}'></div><div style='height:900px'></div>"
        f"<div style='position:fixed;bottom:-20px;{R}'><div id=e style='width:90px;height:60px;{G}'>"
        "</div></div>"
    ),
    "in a frame": (
        "<div style='height:600px'></div><iframe style='border:0;height:100px'"
        " srcdoc=\"<body style='margin:0'>"
        f"<div style='height:500px'></div><div id=e style='width:90px;height:60px;{G}'></div>\"></iframe>"
        "<div style='height:600px'></div>"
    ),
    "in a page that begins at the right": (
        "<script>document.documentElement.dir='rtl'</script><div style='width:1500px;height:900px'></div>"
        f"<div id=e style='width:90px;height:60px;margin-right:700px;{G}'></div>"
    ),
    "that is lazy": (
        f"<div style='height:3000px'></div><div id=e style='width:90px;height:60px;{R}'></div><div"
        " style='height:900px'></div><script>new IntersectionObserver((es) => es.forEach((x) => {"
        " if (x.isIntersecting) x.target.style.background = 'rgb(0,160,0)' })).observe(e)</script>"
    ),
    "whose first match is hidden": (
        f"<div id=e style='display:none'></div><div id=e style='visibility:hidden;height:9px'></div>"
        f"<div id=e style='width:90px;height:60px;{G}'></div>"
    ),
    "that is drawn near the window only": (
        "<div style='height:3000px'></div><section style='content-visibility:auto'>"
        f"<div id=e style='width:90px;height:60px;{G}'></div></section>"
    ),
}

for what, html in ELEMENTS.items():

    @shape(f"an element {what}", html, selector="#e")
    def _(a: Answer, s: Origins) -> None:
        only(picture(a), GREEN, 90, 60)


SHADOW = (
    "<x-a></x-a><script>const inner = (host, html) => host.attachShadow({mode: 'open'}).innerHTML = html;"
    " const a = document.querySelector('x-a'); inner(a, \"<div style='height:500px'></div><x-b></x-b>\");"
    " inner(a.shadowRoot.querySelector('x-b'), \"<div class=card style='width:90px;height:60px;"
    f"{G}'></div>\")</script>"
)
for selector in (".card", "x-a >>> .card", "x-a >>> x-b >>>> .card", "x-a >> .card", "x-b .card"):

    @shape(f"an element in shadow trees by {selector}", SHADOW, selector=selector)
    def _(a: Answer, s: Origins) -> None:
        only(picture(a), GREEN, 90, 60)


@shape(
    "an element larger than the window",
    f"<div style='height:500px'></div><div id=e style='width:90px;height:900px;{G}'></div>"
    "<div style='height:500px'></div>",
    selector="#e",
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 90, 900)


@shape(
    "an element larger than its scroll area",
    f"<div style='height:100px;overflow:auto'><div style='height:300px'></div>"
    f"<div id=e style='width:90px;height:600px;{G}'></div></div><div style='height:900px;{R}'></div>",
    selector="#e",
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 90, 600)


@shape(
    "an element wider than its scroll area",
    f"<div style='width:100px;overflow:auto'><div id=e style='width:600px;height:60px;{G}'></div></div>",
    selector="#e",
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 600, 60)


@shape(
    "an element larger than its frame",
    "<iframe style='border:0;height:100px' srcdoc=\"<body style='margin:0'>"
    f"<div id=e style='width:90px;height:600px;{G}'></div>\"></iframe>",
    selector="#e",
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 90, 600)


@shape(
    "an element that appears late",
    "<script>setTimeout(() => { document.body.insertAdjacentHTML('beforeend', `<div style='height:900px'>"
    f"</div><div id=e style='width:90px;height:60px;{G}'></div>`) }}, 700)</script>",
    selector="#e",
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 90, 60)


# -- geometry ------------------------------------------------------------------------------------------------

ROWS = (
    f"<div style='height:600px;{B}'></div><div style='height:700px;{Y}'></div>"
    f"<div style='height:50px;{G}'></div>"
)
SCROLLING = {
    "body": "<style>html,body{height:100%;overflow-x:hidden}</style>" + ROWS,
    "an element": f"<div style='height:100vh;overflow:auto'>{ROWS}</div>",
    "a flexible element": (
        "<style>html,body{height:100%;overflow:hidden}</style>"
        f"<div style='display:flex;flex-direction:column;height:100%'><main"
        f" style='flex:1;overflow-y:scroll'>{ROWS}"
        "</main></div>"
    ),
    "an element in a grid": (
        "<div style='display:grid;grid-template-rows:1fr;height:100vh'>"
        f"<main style='overflow:auto'>{ROWS}</main></div>"
    ),
    "a fixed element": f"<div style='position:fixed;inset:0;overflow:auto'>{ROWS}</div>",
    "an absolute element": f"<div style='position:absolute;inset:0;overflow:auto'>{ROWS}</div>",
    "an element in an element": (
        "<div style='height:100vh;overflow:auto'><div style='height:240px;overflow:auto'>"
        + ROWS
        + "</div></div>"
    ),
    "an element in a shadow tree": (
        "<x-a></x-a><script>document.querySelector('x-a').attachShadow({mode:'open'}).innerHTML ="
        f" `<div style='height:100vh;overflow:auto'>{ROWS}</div>`</script>"
    ),
    "a frame": (
        f"<iframe style='border:0;display:block;width:100%;height:100vh' srcdoc=\"{HEAD}{ROWS}\"></iframe>"
    ),
}

for what, html in SCROLLING.items():

    @shape(f"a full page where {what} scrolls", html, full_page=True)
    def _(a: Answer, s: Origins) -> None:
        image = picture(a)
        assert image.size == (320, 1350)
        for y, colour in (
            (10, BLUE),
            (599, BLUE),
            (601, YELLOW),
            (1299, YELLOW),
            (1301, GREEN),
            (1349, GREEN),
        ):
            at(image, 160, y, colour)


@shape(
    "a full page with a screen of its own in the element that scrolls",
    f"<div style='height:100vh;overflow:auto'><div style='height:100%;{B}'></div><div"
    f" style='height:500px;{G}'></div>"
    "</div>",
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert (rows(image, 160, BLUE), rows(image, 160, GREEN), image.height) == (240, 500, 740)


@shape(
    "a full page of two panes",
    "<div style='display:flex;height:100vh'>"
    f"<div style='width:100px;overflow:auto'><div style='height:400px;{B}'></div></div>"
    f"<div style='flex:1;overflow:auto'><div style='height:900px;{G}'></div></div></div>",
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert (image.height, rows(image, 50, BLUE), rows(image, 200, GREEN)) == (900, 400, 900)


@shape(
    "a scroll area beside a page that scrolls stays as it is",
    f"<div style='position:sticky;top:0;height:100vh;width:60px;overflow:auto'><div"
    f" style='height:3000px;{B}'>"
    f"</div></div><div style='height:900px;{G}'></div>",
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    assert picture(a).height == 1140


for mode, first, last in (("rl", -10, 10), ("lr", 10, -10)):

    @shape(
        f"a full page in vertical-{mode}",
        f"<style>html{{writing-mode:vertical-{mode}}}</style><div style='block-size:100px;{R}'></div>"
        f"<div style='block-size:1200px'></div><div style='block-size:100px;{G}'></div>",
        full_page=True,
    )
    def _(a: Answer, s: Origins, first: int = first, last: int = last) -> None:
        image = picture(a)
        assert image.size == (1400, 240)
        at(image, first % 1400, 100, RED)
        at(image, last % 1400, 100, GREEN)
        calm(a)


RTL = f"<script>document.documentElement.dir='rtl'</script><div style='width:900px;height:700px;{G}'></div>"
WIDE = (
    "<div style='width:900px;height:700px;"
    "background:linear-gradient(90deg,rgb(200,0,0) 320px,rgb(0,160,0) 0)'></div>"
)


@shape(
    "a full page that grows to the left",
    RTL + f"<div style='width:50px;height:50px;{R}'></div>",
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.size == (320, 750)
    at(image, 310, 740, RED)
    warned(a, "truncated_width")


@shape(
    "all of a full page that grows to the left",
    RTL + f"<div style='width:50px;height:50px;{R}'></div>",
    full_page=True,
    full_page_width="content",
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.size == (900, 750)
    at(image, 890, 740, RED)
    at(image, 5, 690, GREEN)
    calm(a)


@shape("a full page wider than the window", WIDE, full_page=True)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), RED, 320, 700)
    warned(a, "truncated_width")


@shape("all of a full page wider than the window", WIDE, full_page=True, full_page_width="content")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.size == (900, 700)
    at(image, 890, 690, GREEN)
    calm(a)


@shape(
    "a full page that hides what is beside it",
    "<style>html{overflow-x:hidden}</style>" + WIDE,
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), RED, 320, 700)
    calm(a)


@shape(
    "a full page with a sticky bar at the lower edge of the window",
    f"<div style='height:900px;{G}'></div><nav style='position:sticky;bottom:0;height:30px;{Y}'></nav>"
    f"<div style='height:70px;{B}'></div>",
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert (image.height, rows(image, 160, GREEN), rows(image, 160, YELLOW)) == (1000, 900, 30)
    at(image, 160, 915, YELLOW)


BARS = (
    f"<header style='position:fixed;top:0;left:0;right:0;height:20px;{R}'></header>"
    f"<div style='height:20px'></div><nav style='position:sticky;top:20px;height:10px;{B}'></nav>"
    f"<div style='height:900px'></div><div id=part style='height:900px;{G}'></div>"
)


@shape(
    "a full page after a scroll step",
    BARS,
    full_page=True,
    interactions=[{"action": "scroll", "y": 900}],
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    at(image, 160, 10, RED)
    at(image, 160, 25, BLUE)
    assert (rows(image, 160, RED), rows(image, 160, BLUE)) == (20, 10)


@case("a full page of an address with a fragment", url="%main%/tall.html#foot", full_page=True)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.height == 1910
    at(image, 160, 10, YELLOW)
    assert rows(image, 160, YELLOW) == 20
    assert rows(image, 5, MAGENTA) == 10


@case(
    "a viewport beside a full page stays at its fragment",
    url="%main%/tall.html#foot",
    outputs=[{"format": "png", "full_page": True}, "png"],
    lonely=True,
)
def _(a: Answer, s: Origins) -> None:
    from look import archive

    files = archive(a)
    at(picture(files["screenshot.png"]), 160, 30, BLUE)
    at(picture(files["screenshot-2.png"]), 160, 235, (0, 0, 0))


FEED = (
    "<div id=end style='height:20px'></div><script>let n = 0; const more = () => { for (let i = 0; i < 4"
    " && n < LAST;"
    " i++, n++) end.insertAdjacentHTML('beforebegin', `<div"
    " style='height:100px;background:rgb(0,160,0)'></div>`) };"
    " more(); new IntersectionObserver((es) => es.some((e) => e.isIntersecting) && setTimeout(more, 300))"
    ".observe(end)</script>"
)


@shape("a list that grows is whole", FEED.replace("LAST", "40"), full_page=True)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert (image.height, rows(image, 160, GREEN)) == (4020, 4000)
    calm(a)


@shape(
    "a list that grows at once is whole",
    "<div style='height:700px'></div>"
    + FEED.replace("LAST", "40").replace("setTimeout(more, 300)", "more()").replace(":100px", ":50px"),
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    assert rows(picture(a), 160, GREEN) == 2000


# A list in a scroll area: it listens to the area's scrolling, or has an observer whose root is the area.
INNER = {
    "by its event": "box.onscroll = () => { if (box.scrollTop + box.clientHeight > box.scrollHeight - 50)"
    " setTimeout(more, 300) }",
    "by an observer": "new IntersectionObserver((es) => es.some((e) => e.isIntersecting) &&"
    " setTimeout(more, 300), { root: box }).observe(end)",
}
LAYOUTS = {
    "as high as the window": "<div id=box style='height:100vh;overflow:auto'>",
    "in a column": "<div style='height:100vh;display:flex;flex-direction:column'><div id=box"
    " style='flex:1;min-height:0;overflow:auto'>",
}
for listens, script in INNER.items():
    for layout, start in LAYOUTS.items():
        for until in ("settled", "load"):
            growing = FEED.replace("LAST", "40").partition("new IntersectionObserver")[0] + script
            growing = growing.replace("<div id=end", f"{start}<div id=end") + "</script>"
            growing = growing.replace("<script>", "</div></div><script>", 1)

            @shape(
                f"a list {layout} that grows {listens}, {until}", growing, full_page=True, wait_until=until
            )
            def _(a: Answer, s: Origins) -> None:
                assert rows(picture(a), 160, GREEN) == 4000


@shape(
    "a list without an end ends at full_page_max_height",
    FEED.replace("LAST", "Infinity"),
    full_page=True,
    full_page_max_height=3000,
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 320, 3000)
    warned(a, "truncated")


@shape(
    "a list that grows in real time",
    FEED.replace("LAST", "40"),
    full_page=True,
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    assert picture(a).height == 4020


@case(
    "a list that grows by requests in real time",
    url=page("list_by_request.html"),
    full_page=True,
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    assert picture(a).height == 2420


# The page counts the frames that are drawn while its end is shown: red when there are more than twelve.
LINGERING = (
    f"<div id=all style='height:3000px;{G}'></div><script>let n = 0; const count = () => {{ n +="
    " innerHeight + scrollY >= 3000; if (n > 12) all.style.background = 'rgb(200,0,0)';"
    " requestAnimationFrame(count) }; count()</script>"
)


@shape("the end of a page that cannot grow is left at once", LINGERING, full_page=True, wait_until="load")
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 320, 3000)


for format, limit in (("webp", 16_383), ("jpeg", 65_500), ("avif", 32_768)):

    @shape(
        f"oversize scale in {format}",
        f"<div style='height:{limit + 2000}px;{B}'></div><div style='height:2000px;{G}'></div>",
        full_page=True,
        format=format,
        window_width=64,
    )
    def _(a: Answer, s: Origins, limit: int = limit) -> None:
        image = picture(a)
        assert limit - 3 <= image.height <= limit
        assert image.width < 64
        at(image, 20, image.height - 3, GREEN, 4)
        warned(a, "scaled_down")

    @shape(
        f"oversize truncate in {format}",
        f"<div style='height:{limit + 2000}px;{B}'></div>",
        full_page=True,
        format=format,
        window_width=64,
        oversize="truncate",
    )
    def _(a: Answer, s: Origins, limit: int = limit) -> None:
        assert picture(a).size == (64, limit)
        warned(a, "truncated")

    @shape(
        f"oversize error in {format}",
        f"<div style='height:{limit + 2000}px;{B}'></div>",
        full_page=True,
        format=format,
        oversize="error",
    )
    def _(a: Answer, s: Origins) -> None:
        failed(a, 422, "not_renderable", "oversize")


# -- drawn near the window only ------------------------------------------------------------------------------

NEAR = {
    "content-visibility": "<style>section{content-visibility:auto;contain-intrinsic-size:auto 50px}"
    f"section div{{height:300px;{G}}}</style>" + "<section><div></div></section>" * 10,
    "content-visibility in a shadow tree": (
        "<x-a></x-a><script>document.querySelector('x-a').attachShadow({mode:'open'}).innerHTML ="
        " `<section style='content-visibility:auto'><div style='height:300px;background:rgb(0,160,0)'></div>"
        "</section>`.repeat(10)</script>"
    ),
    "a fixed backdrop": (
        f"<div style='position:fixed;inset:0;z-index:-1;{G}'></div><div style='height:3000px'></div>"
    ),
    "a fixed backdrop below positioned text": (
        f"<div style='position:fixed;top:0;width:100%;height:100%;{G}'></div>"
        "<main style='position:relative;height:3000px'></main>"
    ),
    "a fixed backdrop that a style sheet adds": (
        f"<style>body::before{{content:'';position:fixed;inset:0;z-index:-1;{G}}}</style>"
        "<div style='height:3000px'></div>"
    ),
    "the backdrop of a modal dialog": (
        f"<style>dialog{{border:0;padding:0;width:0;height:0}}::backdrop{{{G}}}</style>"
        "<div style='height:3000px'></div><dialog></dialog>"
        "<script>document.querySelector('dialog').showModal()</script>"
    ),
    "a background that is fixed": (
        "<style>body{background:linear-gradient(rgb(0,160,0),rgb(0,160,0)) no-repeat"
        " fixed;height:3000px}</style>"
    ),
    "a background of an element that is fixed": (
        "<div style='height:3000px;background:linear-gradient(rgb(0,160,0),rgb(0,160,0)) no-repeat"
        " fixed'></div>"
    ),
    "reveals that hide again": (
        f"<style>section{{height:300px;{G}}}.r{{opacity:0;transition:opacity .4s}}.r.in{{opacity:1}}</style>"
        "<section></section>"
        + "<section class=r></section>"
        * 9
        + "<script>const o = new IntersectionObserver((es)"
        " => es.forEach((e) => e.target.classList.toggle('in', e.isIntersecting)), {threshold: .1});"
        " document.querySelectorAll('.r').forEach((e) => o.observe(e))</script>"
    ),
    "reveals that hide again by their own style": (
        f"<style>section{{height:300px;transition:opacity .4s;{G}}}</style><section></section>"
        + "<section style='opacity:0;'></section>" * 9
        + "<script>const o = new IntersectionObserver((es) => es.forEach((e) => { e.target.style.opacity ="
        " Number(e.isIntersecting) }), {threshold: .1});"
        " document.querySelectorAll('section[style]').forEach((e) => o.observe(e))</script>"
    ),
    "content-visibility that lies over what precedes it": (
        f"<div style='height:300px;{G}'><div style='height:300px'></div>"
        f"<i style='display:inline-block;width:90px;height:200px;{R}'></i></div>"
        "<section style='content-visibility:auto;contain-intrinsic-size:auto 50px'>"
        f"<div style='height:2700px;{G}'></div></section>"
    ),
    "content that is removed out of view": (
        f"<style>section{{height:300px}}section div{{height:300px;{G}}}</style>"
        + "<section></section>" * 10
        + "<script>const o = new IntersectionObserver((es) => es.forEach((e) => { e.target.innerHTML ="
        " e.isIntersecting ? '<div></div>' : '' })); document.querySelectorAll('section').forEach((e) =>"
        " o.observe(e))</script>"
    ),
    "a view timeline": (
        f"<style>@keyframes in{{from{{opacity:0}}to{{opacity:1}}}}section{{height:60px;{G}}}"
        "section.r{animation:in linear both;animation-timeline:view();animation-range:entry 0% entry"
        " 60%}</style>" + "<section></section>" * 4 + "<section class=r></section>" * 46
    ),
}
for what, html in NEAR.items():

    @shape(f"a full page with {what}", html, full_page=True)
    def _(a: Answer, s: Origins) -> None:
        only(picture(a), GREEN, 320, 3000)


@shape(
    "a full page with frames of another site",
    "".join(
        f"<iframe src='%host%/green.html' style='border:0;display:block;height:150px;width:320px'></iframe>"
        f"<div style='height:850px;{C}'></div>"
        for _ in range(3)
    ),
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.height == 3000
    assert (rows(image, 5, GREEN), rows(image, 5, CYAN)) == (450, 2550)


@shape(
    "pinned bars of a page that is captured in windows",
    f"<div style='position:fixed;inset:0;z-index:-1;{G}'></div>"
    f"<header style='position:fixed;top:0;left:0;right:0;height:20px;{R}'></header>"
    f"<footer style='position:fixed;bottom:0;left:0;right:0;height:20px;{M}'></footer>"
    f"<div style='height:400px'></div><nav style='position:sticky;top:20px;height:30px;{B}'></nav>"
    f"<div style='height:1500px'></div><nav style='position:sticky;bottom:0;height:30px;{Y}'></nav>"
    "<div style='height:50px'></div>",
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.height == 2010
    for y, colour in ((10, RED), (2000, MAGENTA), (415, BLUE), (1945, YELLOW)):
        at(image, 160, y, colour)
    counts = [rows(image, 160, colour) for colour in (RED, MAGENTA, BLUE, YELLOW)]
    assert counts == [20, 20, 30, 30]
    assert rows(image, 160, GREEN) == 2010 - sum(counts)


@shape(
    "a dialog over a full page is shown once",
    f"<div style='height:1500px;{G}'></div><div style='position:fixed;inset:0;z-index:9;{R}'></div>",
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert (rows(image, 160, RED), rows(image, 160, GREEN)) == (240, 1260)


for format in ("jpeg", "webp", "avif"):

    @shape(
        f"a full page in windows as {format}",
        f"<div style='position:fixed;inset:0;z-index:-1;{G}'></div><div style='height:1000px'></div>"
        f"<div style='height:100px;{R}'></div>",
        full_page=True,
        format=format,
        pixel_density=1.5,
    )
    def _(a: Answer, s: Origins) -> None:
        image = picture(a)
        assert image.size == (480, 1650)
        at(image, 240, 1400, GREEN, 8)
        at(image, 240, 1600, RED, 8)


@shape(
    "an element in windows",
    f"<div style='position:fixed;inset:0;z-index:-1;{G}'></div><div style='height:500px;{R}'></div>"
    f"<div id=e style='height:800px'></div><div style='height:500px;{R}'></div>",
    selector="#e",
)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 320, 800)


@shape("a page that needs one picture only", f"<div style='height:1000px;{G}'></div>", full_page=True)
def _(a: Answer, s: Origins) -> None:
    only(picture(a), GREEN, 320, 1000)


LATE_AREA = (
    "<!doctype html><style>html,body{margin:0;height:100%}body{overflow:hidden}#a{height:100%;overflow:auto}"
    "i{display:block;height:300px}</style><div id=a></div><script>const add = (c) =>"
    " a.insertAdjacentHTML('beforeend', `<i style='background:rgb(${c})'></i>`);"
    "setTimeout(() => ['200,0,0', '0,160,0', '0,0,200'].forEach(add), 800)</script>"
)


@case(
    "a full page whose scroll area is filled late",
    html_content=LATE_AREA,
    full_page=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.size == (320, 900)
    assert [image.getpixel((160, y)) for y in (10, 450, 890)] == [(200, 0, 0), (0, 160, 0), (0, 0, 200)]


@case(
    "a full page whose scroll area is filled late, in real time",
    html_content=LATE_AREA,
    full_page=True,
    wait_until="load",
    delay_capture=1200,
)
def _(a: Answer, s: Origins) -> None:
    assert picture(a).size == (320, 900)
