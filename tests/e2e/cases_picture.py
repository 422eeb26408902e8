"""Rows about source, template, window, format, image and full page."""

from __future__ import annotations

from cases import case, page
from entries import Answer
from look import (
    BLACK,
    BLUE,
    CYAN,
    GREEN,
    GREY,
    MAGENTA,
    RED,
    WHITE,
    YELLOW,
    archive,
    at,
    calm,
    is_format,
    picture,
    warned,
)
from origins import Origins

# -- source --------------------------------------------------------------------------------------------------


@case("url", url=page("green.html"))
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 320, 240)
    at(image, 0, 0, GREEN)
    at(image, 40, 30, RED)
    at(image, 139, 89, RED)
    at(image, 140, 90, GREEN)
    at(image, 39, 29, GREEN)
    assert s.one("/green.html").method == "GET"
    calm(a)


@case(
    "html_content",
    html_content="<body style='margin:0;background:rgb(0,160,0)'><img src='%main%/image/x?rgb=200,0,0'>",
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    at(image, 99, 99, RED)
    at(image, 100, 100, GREEN)
    s.one("/image/x")


@case(
    "base_url",
    html_content="<!doctype html><body style='margin:0'><img src='image/relative?rgb=200,0,0'>",
    base_url="%main%/deep/",
)
def _(a: Answer, s: Origins) -> None:
    s.one("/deep/image/relative")


@case("markdown", markdown="# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n~~old~~", format="html")
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert "<h1>Title</h1>" in text
    assert "<table>" in text
    assert "<s>old</s>" in text


# -- template and window -------------------------------------------------------------------------------------


@case("template", raw=True, url=page("facts.html"), template="mobile")
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 750, 1334)
    facts = s.facts()
    assert (facts["width"], facts["height"], facts["density"], facts["touch"]) == (375, 667, 2, 5)
    assert "iPhone" in facts["agent"] == s.one("/facts.html").headers["user-agent"]


@case("explicit values win over the template", url=page("green.html"), template="mobile", pixel_density=1)
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 320, 240)


@case("template iphone_13", raw=True, url=page("facts.html"), template="iphone_13")
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 1170, 1992)
    assert s.facts()["width"] == 390


@case("template desktop_full", raw=True, url=page("scroller.html"), template="desktop_full")
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 3840, 2600)


@case("window defaults", raw=True, url=page("facts.html"))
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 1920, 1080)
    facts = s.facts()
    assert (facts["width"], facts["height"], facts["density"], facts["touch"]) == (1920, 1080, 1, 0)
    assert facts["screen"] == [1920, 1080]


@case("window_width and window_height", raw=True, url=page("facts.html"), window_width=611, window_height=307)
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 611, 307)
    assert s.facts()["width"] == 611


@case("pixel_density", url=page("green.html"), pixel_density=2.5)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 800, 600)
    at(image, 100, 75, RED)
    at(image, 99, 74, GREEN)


@case("device", raw=True, url=page("facts.html"), device="Pixel 5")
def _(a: Answer, s: Origins) -> None:
    facts = s.facts()
    assert facts["width"] == 393
    assert facts["density"] == 2.75
    assert "Android" in facts["agent"]
    assert facts["hints"]["mobile"] is True
    assert s.one("/facts.html").headers["sec-ch-ua-mobile"] == "?1"


@case(
    "is_mobile",
    html_content=(
        "<meta name=viewport content='width=600'><body style='margin:0;background:#fff'><div"
        " style='width:300px;height:100px;background:rgb(200,0,0)'>"
    ),
    is_mobile=True,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    at(image, 155, 5, RED)
    at(image, 165, 5, WHITE)


@case("has_touch", url=page("facts.html"), has_touch=True)
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["touch"] == 5


@case("landscape", raw=True, url=page("facts.html"), window_width=240, window_height=320, landscape=True)
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 320, 240)
    assert s.facts()["width"] == 320


# -- format and image ----------------------------------------------------------------------------------------


@case("jpeg", url=page("green.html"), format="jpeg")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "jpeg", 320, 240)
    at(image, 90, 60, RED, 4)
    assert a.headers.get("content-type") in ("image/jpeg", None)


@case("jpg is jpeg", url=page("green.html"), format="jpg")
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "jpeg", 320, 240)


@case("webp", url=page("green.html"), format="webp")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "webp", 320, 240)
    at(image, 90, 60, RED, 6)


@case("avif", url=page("green.html"), format="avif")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "avif", 320, 240)
    at(image, 90, 60, RED, 6)


@case(
    "image_quality",
    raw=True,
    url=page("big/noise"),
    format="jpeg",
    image_quality=5,
    window_width=400,
    window_height=400,
)
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "jpeg", 400, 400)
    assert len(a.data) < 60_000, "the same noise at quality 90 takes 200 kB"


@case("png_effort", url=page("green.html"), png_effort="small")
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 320, 240)
    assert len(a.data) < 1_500


@case("omit_background", url=page("clear.html"), omit_background=True)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.mode == "RGBA"
    at(image, 0, 0, (0, 0, 0, 0))
    at(image, 90, 60, (*RED, 255))


@case(
    "omit_background keeps half transparency",
    url=page("transparent.html"),
    omit_background=True,
    format="webp",
    image_quality=100,
)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    at(image, 50, 50, (255, 0, 0, 128), 3)
    assert image.convert("RGBA").getpixel((200, 200))[3] == 0  # type: ignore[index]


@case("background_color", url=page("clear.html"), background_color="#0000c8")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    at(image, 0, 0, BLUE)
    at(image, 90, 60, RED)


@case("clip", url=page("green.html"), clip={"x": 30, "y": 20, "width": 20, "height": 15})
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 20, 15)
    at(image, 9, 9, GREEN)
    at(image, 10, 10, RED)


@case("clip below the window", url=page("tall.html"), clip={"x": 90, "y": 990, "width": 20, "height": 20})
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 20, 20)
    at(image, 9, 9, GREY)
    at(image, 10, 10, CYAN)


@case("selector", url=page("green.html"), selector="#box")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 100, 60)
    assert image.convert("RGB").getcolors() == [(6000, RED)]


@case("selector below the window", url=page("tall.html"), selector="#deep", pixel_density=2)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 160, 80)
    assert image.convert("RGB").getcolors() == [(12800, CYAN)]


@case("padding", url=page("green.html"), selector="#box", padding=10)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 120, 80)
    at(image, 9, 9, GREEN)
    at(image, 10, 10, RED)


for fit, size, corner in (
    ("cover", (50, 50), GREEN),
    ("fill", (50, 50), GREEN),
    ("contain", (50, 50), WHITE),
    ("inside", (50, 38), GREEN),
):

    @case(f"resize {fit}", url=page("green.html"), resize={"width": 50, "height": 50, "fit": fit})
    def _(a: Answer, s: Origins, size: tuple[int, int] = size, corner: tuple[int, ...] = corner) -> None:
        image = picture(a)
        is_format(image, "png", *size)
        at(image, 1, 1, corner, 2)


@case("resize by one side", url=page("green.html"), resize={"width": 160}, format="jpeg")
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "jpeg", 160, 120)


@case("resize position", url=page("green.html"), resize={"width": 60, "height": 120, "position": "left"})
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 30, 30, RED, 2)


# -- full page -----------------------------------------------------------------------------------------------


@case("full_page", url=page("tall.html"), full_page=True)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 320, 1910)
    at(image, 160, 10, YELLOW)
    # The hero is as high as the window, not as the page.
    at(image, 160, 21, BLUE)
    at(image, 160, 259, BLUE)
    at(image, 300, 261, GREY)
    at(image, 50, 1800, GREEN)
    at(image, 160, 1900, BLACK)
    s.one("/image/lazy")


@case("full_page at twice the density", url=page("tall.html"), full_page=True, pixel_density=2, format="webp")
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "webp", 640, 3820)
    at(image, 320, 516, BLUE, 8)


@case("full_page of a short page", url=page("green.html"), full_page=True)
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 320, 240)


@case(
    "scroll_page false",
    url=page("tall.html"),
    full_page=True,
    scroll_page=False,
    wait_until="load",
    block_urls=["*never*"],
)
def _(a: Answer, s: Origins) -> None:
    assert picture(a).height == 1910


@case("scroll_page alone", url=page("tall.html"), scroll_page=True)
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 320, 240)
    s.one("/image/lazy")


@case("full_page_max_height", url=page("tall.html"), full_page=True, full_page_max_height=500)
def _(a: Answer, s: Origins) -> None:
    is_format(picture(a), "png", 320, 500)
    warned(a, "truncated")


@case("fixed_elements once", url=page("tall.html"), full_page=True)
def _(a: Answer, s: Origins) -> None:
    image = picture(a).convert("RGB")
    column = [image.getpixel((5, y)) for y in range(image.height)]
    assert column.count(MAGENTA) == 10, "the pinned element is there once"


@case("fixed_elements hide", url=page("tall.html"), full_page=True, fixed_elements="hide")
def _(a: Answer, s: Origins) -> None:
    colours = picture(a).convert("RGB").getcolors(100_000) or []
    assert MAGENTA not in [c for _, c in colours]


@case("expand_scrollers", url=page("scroller.html"), full_page=True, expand_scrollers=True)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    is_format(image, "png", 320, 1300)
    at(image, 160, 1250, RED)


# -- output --------------------------------------------------------------------------------------------------


@case(
    "outputs",
    url=page("green.html"),
    outputs=["png", {"format": "jpeg", "selector": "#box", "filename": "box"}, "pdf", "text"],
    lonely=True,
)
def _(a: Answer, s: Origins) -> None:
    files = archive(a)
    assert sorted(files) == ["box.jpeg", "screenshot.pdf", "screenshot.png", "screenshot.txt"]
    is_format(picture(files["screenshot.png"]), "png", 320, 240)
    is_format(picture(files["box.jpeg"]), "jpeg", 100, 60)
    assert files["screenshot.pdf"].startswith(b"%PDF-")
    s.one("/green.html")


@case(
    "outputs do not colour each other",
    html_content="<p>x",
    outputs=[
        {"format": "png", "omit_background": True},
        {"format": "png", "background_color": "red"},
        "png",
        "jpeg",
    ],
    lonely=True,
)
def _(a: Answer, s: Origins) -> None:
    files = archive(a)
    for name, colour in (
        ("screenshot.png", (0, 0, 0, 0)),
        ("screenshot-2.png", (255, 0, 0)),
        ("screenshot-3.png", WHITE),
        ("screenshot.jpeg", WHITE),
    ):
        at(picture(files[name]), 300, 200, colour)


@case(
    "an output hides fixed elements for itself",
    url=page("tall.html"),
    outputs=[
        {"format": "png", "full_page": True, "fixed_elements": "hide"},
        {"format": "png", "full_page": True},
    ],
    lonely=True,
)
def _(a: Answer, s: Origins) -> None:
    files = archive(a)
    seen = [
        MAGENTA in {c for _, c in picture(files[n]).convert("RGB").getcolors(100_000) or []}
        for n in ("screenshot.png", "screenshot-2.png")
    ]
    assert seen == [False, True]


# A page that overwrites the size of its window is captured as without that.
LIES = (
    "<body style='margin:0;background:rgb(0,160,0)'><div id='box'"
    " style='position:absolute;top:1400px;left:40px;width:100px;height:60px;background:rgb(200,0,0)'></div>"
    "<script>var innerHeight = 40, innerWidth = 5, scrollY = 700, scrollX = 70; devicePixelRatio = 9;"
    " for (const [on, n] of [[Element, 'scrollHeight'], [Element, 'clientHeight'],"
    " [Element, 'scrollWidth'], [VisualViewport, 'scale']])"
    " Object.defineProperty(on.prototype, n, { get: () => 3 })</script><input autofocus>"
)


@case(
    "a page that lies about its window",
    html_content=LIES,
    outputs=["png", {"format": "png", "full_page": True}, {"format": "png", "selector": "#box"}],
    pixel_density=2,
    lonely=True,
)
def _(a: Answer, s: Origins) -> None:
    files = archive(a)
    is_format(picture(files["screenshot.png"]), "png", 640, 480)
    whole = picture(files["screenshot-2.png"])
    is_format(whole, "png", 640, 2920)
    at(whole, 100, 2810, RED)
    box = picture(files["screenshot-3.png"])
    is_format(box, "png", 200, 120)
    at(box, 1, 1, RED)


@case(
    "full_page over what jpeg can hold",
    html_content="<body style='margin:0'><div style='height:66000px'>",
    window_width=16,
    full_page=True,
    oversize="truncate",
    format="jpeg",
)
def _(a: Answer, s: Origins) -> None:
    assert picture(a).height == 65_500
    warned(a, "truncated")


@case(
    "full_page over what webp can hold",
    html_content="<body style='margin:0'><div style='height:17000px'>",
    full_page=True,
    oversize="truncate",
    format="webp",
)
def _(a: Answer, s: Origins) -> None:
    assert picture(a).height <= 16_383
    warned(a, "truncated")
