"""Rows about HTML of the request: at an address, with its files, and written out again."""

from __future__ import annotations

import base64
from pathlib import Path

from cases import case, page
from entries import Answer
from look import GREEN, RED, at, failed, picture, warned
from origins import Origins, png

from stillframe.steps.archive import pack

SITE = Path(__file__).parent / "site" / "supplied"
DOT = png(20, 20, (200, 0, 0))
WHOLE = (SITE / "whole.html").read_text("utf-8")

# -- base_url ------------------------------------------------------------------------------------------------


@case("base_url is the origin", html_content=WHOLE, base_url="%main%/supplied/whole-of-the-request.html")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    for row in range(8):
        at(image, 100, row * 20 + 10, GREEN)
    assert s.requests("/supplied/whole-of-the-request.html") == [], "the address was asked for"


@case(
    "base_url with a query and a fragment",
    html_content="<img src='../image/own?rgb=200,0,0'><script>document.title = location</script>",
    base_url="%main%/deep/x?q=*#part",
    format="metadata",
)
def _(a: Answer, s: Origins) -> None:
    assert a.data.decode().count("/deep/x?q=*#part") == 1
    s.one("/image/own")
    assert s.requests("/deep/x") == []


@case(
    "base_url and a page that loads itself again",
    html_content=(
        "<body style='margin:0;background:rgb(200,0,0)'><script>if (sessionStorage.again)"
        " document.body.style.background = 'rgb(0,160,0)';"
        " else { sessionStorage.again = 1; location.reload() }</script>"
    ),
    base_url="%main%/again",
    delay_capture=300,
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 100, 100, GREEN)
    assert s.requests("/again") == []


@case(
    "base_url with what belongs to its origin",
    html_content=(
        "<body><img src='/image/own'><img src='%host%/image/other'><script>"
        "document.title = document.cookie + localStorage.theme</script>"
    ),
    base_url="%main%/",
    cookies=["a=1"],
    custom_headers={"X-Secret": "s3cret"},
    local_storage={"theme": "dark"},
    format="metadata",
)
def _(a: Answer, s: Origins) -> None:
    assert '"a=1dark"' in a.data.decode()
    assert s.one("/image/own").headers["x-secret"] == "s3cret"
    assert s.one("/image/own").headers["cookie"] == "a=1"
    assert "x-secret" not in s.one("/image/other").headers


@case(
    "base_url of a host that does not exist",
    html_content="<body style='margin:0;background:rgb(0,160,0)'>",
    base_url="https://no-such-host.invalid/a",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 100, 100, GREEN)


@case(
    "base_url of Markdown", markdown="![picture](image/own?rgb=200,0,0)", base_url="%main%/", selector="img"
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 50, 50, RED)
    s.one("/image/own")


@case(
    "base_url with JavaScript off",
    html_content="<body style='margin:0'><img src='image/own?rgb=200,0,0'>",
    base_url="%main%/",
    javascript=False,
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 50, 50, RED)


@case(
    "base_url with blocked resources",
    html_content="<body style='margin:0;background:rgb(0,160,0)'><img src='image/own?rgb=200,0,0'>",
    base_url="%main%/",
    block_resources=["image"],
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 50, 50, GREEN)
    assert s.seen == []


# -- archive -------------------------------------------------------------------------------------------------

FILES = {
    "index.html": (
        b"<!doctype html><link rel=stylesheet href=css/a.css><img src=dot.png>"
        b"<script type=module src=/a.mjs></script>"
    ),
    "css/a.css": b"body{margin:0;background:rgb(0,160,0) url(../dot.png) no-repeat 99px 0}img{display:block}",
    "dot.png": DOT,
    "a.mjs": b"document.body.append(await (await fetch('sub/text.txt')).text())",
    "sub/text.txt": "fetched — text".encode(),
    "other.html": b"<meta charset=windows-1251><body style='margin:0;background:rgb(200,0,0)'>"
    + "Привет".encode("cp1251"),
    "doc.md": b"# Doc\n\n![picture](dot.png)\n",
}


@case("archive", archive=pack(FILES))
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    at(image, 5, 5, RED)
    at(image, 105, 5, RED)
    at(image, 100, 100, GREEN)
    assert s.seen == []


@case("archive with text that a module fetches", archive=pack(FILES), format="text")
def _(a: Answer, s: Origins) -> None:
    assert "fetched — text" in a.data.decode()


@case("archive_page", archive=pack(FILES), archive_page="other.html", format="text")
def _(a: Answer, s: Origins) -> None:
    assert a.data.decode().strip() == "Привет"


@case("archive_page of Markdown", archive=pack(FILES), archive_page="doc.md", selector="img")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, RED)


@case("archive as HTML", archive=pack(FILES), format="html")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert 'href="css/a.css"' in text
    assert "localhost" not in text


@case("archive as HTML of its own", archive=pack(FILES), format="html", html_self_contained=True)
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert text.count(base64.b64encode(DOT).decode()) == 2
    assert "css/a.css" not in text


@case("archive that is none", archive="AAAA")
def _(a: Answer, s: Origins) -> None:
    failed(a, 400, "request_not_valid", "archive", "not a zip archive")


# -- HTML output ---------------------------------------------------------------------------------------------


@case("html keeps what scripts made", url=page("supplied/made.html"), format="html")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode().split("<script>")[0]
    for part in (
        '<meta charset="utf-8">',
        "height: 100px",
        "border-top",
        '<template shadowrootmode="open">',
        "in the shadow",
        "rgb(1, 2, 3)",
        'value="typed"',
        ">written</textarea>",
        '<option selected="">b',
        'checked=""',
        "data:image/png;base64,",
        f'src="{s.urls["main"]}/image/x?rgb=0,0,255"',
        f'url("{s.urls["main"]}/supplied/back.png")',
        f'href="{s.urls["main"]}/green.html"',
        'href="#part"',
        f"{s.urls['main']}/image/two 2x",
    ):
        assert part in text, part
    assert "secret word" not in text, "the password went into the file"
    assert "windows-1251" not in text


@case("html says its own charset", url=page("wire/cyrillic"), format="html")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert "windows" not in text
    assert '<meta charset="utf-8">' in text
    assert "Привет" in text


@case("html_self_contained", url=page("supplied/made.html"), format="html", html_self_contained=True)
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert "<script" not in text
    assert "/image/x" not in text
    assert "srcdoc=" in text
    assert "rgb(4, 5, 6)" in text, "the rules of a linked sheet"
    assert text.count("data:image/png;base64,") == 2
    asked = len(s.requests("/image/x"))
    assert asked == 1, "a resource was requested again"


@case(
    "html of a page that cannot be put whole",
    html_content="<iframe src='%host%/green.html'></iframe>",
    format="html",
    html_self_contained=True,
)
def _(a: Answer, s: Origins) -> None:
    assert f'src="{s.urls["host"]}/green.html"' in a.data.decode()
    warned(a, "not_self_contained")


@case("html of an svg document", url=page("svg"), format="html")
def _(a: Answer, s: Origins) -> None:
    assert a.data.decode().startswith("<svg ")
