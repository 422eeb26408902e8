"""Rows about what agents ask for: the accessibility tree, marks, pictures in a budget of pixels, tiles."""

from __future__ import annotations

import base64

from cases import case, page
from entries import Answer
from look import RED, WHITE, archive, at, calm, failed, picture, warned
from origins import Origins
from PIL import Image, ImageChops

TREE = """\
- generic [active] [ref=e2] [box=0,0,320,900]:
  - navigation "Main" [ref=e3] [box=10,0,100,20]:
    - link "Home" [ref=e4] [cursor=pointer]{1} [box=10,0,60,20]:
      - /url: /home
  - 'heading "It: \\"works\\" [box=1,2,3,4]" [level=1] [ref=e5] [box=10,30,100,20]'
  - button "Send" [disabled] [ref=e6]{2} [box=10,60,100,20]
  - textbox "Name" [ref=e7]{3} [box=10,90,100,20]: Ann
  - button "Shadow" [ref=e9]{4} [box=10,120,80,20]
  - iframe [ref=e10] [box=10,150,206,46]:
    - button "Inside" [ref=f1e2]{5} [box=18,158,80,20]
  - generic [ref=e11] [cursor=pointer]{6} [box=10,210,100,20]: Card text
"""
FAR = """\
  - link "Far" [ref=e13] [cursor=pointer]{7} [box=10,700,100,20]:
    - /url: "#far"
"""


def tree(text: str, *, marks: bool = False) -> str:
    """The expected tree, with or without the numbers of the marks."""
    for number in range(1, 8):
        text = text.replace(f"{{{number}}}", f" [mark={number}]" if marks else "")
    return text


def same(text: str, wanted: str) -> None:
    """Equal but for the references, whose numbers count what Playwright looked at."""
    assert [line.split(" [ref=")[0] for line in text.split("\n")] == [
        line.split(" [ref=")[0] for line in wanted.split("\n")
    ]
    boxes = [
        [part for part in line.split(" [") if part.startswith(("box", "mark"))] for line in text.split("\n")
    ]
    assert boxes == [
        [part for part in line.split(" [") if part.startswith(("box", "mark"))] for line in wanted.split("\n")
    ]


@case("aria", url=page("outline.html"), format="aria", full_page=True)
def _(a: Answer, s: Origins) -> None:
    assert a.status == 200, a.json
    same(a.data.decode(), tree(TREE + FAR))
    assert a.headers["content-type"].startswith("text/yaml")


@case("aria of the window", url=page("outline.html"), format="aria")
def _(a: Answer, s: Origins) -> None:
    same(a.data.decode(), tree(TREE))


@case("aria of an element", url=page("outline.html"), format="aria", selector="nav")
def _(a: Answer, s: Origins) -> None:
    wanted = tree(TREE).split("\n")[1:4]
    same(a.data.decode(), "\n".join(line.removeprefix("  ") for line in wanted) + "\n")


@case(
    "aria of a rectangle",
    url=page("outline.html"),
    format="aria",
    clip={"x": 0, "y": 650, "width": 300, "height": 100},
)
def _(a: Answer, s: Origins) -> None:
    same(a.data.decode(), TREE.split("\n", 1)[0] + "\n" + tree(FAR))


@case("aria of nothing", url=page("outline.html"), format="aria", selector="#missing")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "selector_not_found", "#missing")


@case("aria_limit", url=page("outline.html"), format="aria", full_page=True, aria_limit=500)
def _(a: Answer, s: Origins) -> None:
    lines = a.data.decode().splitlines()
    assert lines[-1].startswith("# cut here: ")
    assert sum(len(line) + 1 for line in lines[:-1]) <= 500
    same("\n".join(lines[:-1]), "\n".join(tree(TREE + FAR).splitlines()[: len(lines) - 1]))
    warned(a, "truncated")


@case(
    "aria of a frame of another site",
    html_content="<body style='margin:0'><iframe src='%local%/outline.html' style='position:absolute;"
    "top:50px;left:20px;width:300px;height:180px;border:0'></iframe>",
    format="aria",
)
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert '- button "Send" [disabled] ' in text
    assert "[box=30,110,100,20]" in text
    # The frame in that frame.
    assert "[box=38,208,80,20]" in text, text


@case("aria with marks", url=page("outline.html"), format="aria", full_page=True, marks=True)
def _(a: Answer, s: Origins) -> None:
    same(a.data.decode(), tree(TREE + FAR, marks=True))


@case(
    "aria of a frame that is drawn smaller",
    html_content="<body style='margin:0'><iframe style='border:0;width:300px;height:200px;scale:.5;"
    "transform-origin:0 0' srcdoc=\"<body style='margin:0'><button style='position:absolute;left:100px;"
    "top:100px;width:120px;height:40px'>near</button>\"></iframe>",
    format="aria",
)
def _(a: Answer, s: Origins) -> None:
    assert '- button "near" ' in a.data.decode()
    assert "[box=50,50,60,20]" in a.data.decode()


@case(
    "aria of a password",
    html_content="<input type=password value='s3cret: \"x\"' aria-label=Key><input value=plain>",
    format="aria",
)
def _(a: Answer, s: Origins) -> None:
    text = a.data.decode()
    assert "s3cret" not in text
    assert ": ••••\n" in text
    assert ": plain\n" in text


@case(
    "aria of too much HTML",
    html_content="<p>",
    custom_js="document.body.title = 'x'.repeat(5.1e7)",
    format="aria",
)
def _(a: Answer, s: Origins) -> None:
    failed(a, 413, "result_too_large", "characters of HTML")


@case("aria with scripts off", url=page("form.html"), format="aria", javascript=False)
def _(a: Answer, s: Origins) -> None:
    assert '- button "go" ' in a.data.decode()
    assert "[box=0,0,60,30]" in a.data.decode()


@case("marks", url=page("outline.html"), marks=True, response_type="json")
def _(a: Answer, s: Origins) -> None:
    assert a.status == 200, a.json
    image = picture(a.data)
    listed = a.json["report"]["marks"]
    assert [(m["mark"], m["role"], m["name"]) for m in listed] == [
        (1, "link", "Home"),
        (2, "button", "Send"),
        (3, "textbox", "Name"),
        (4, "button", "Shadow"),
        (5, "button", "Inside"),
        (6, "generic", "Card text"),
    ]
    assert [m["box"] for m in listed][4] == [18, 158, 80, 20]
    for mark in listed:
        x, y, width, height = mark["box"]
        corners = [(x + width - 1, y + height - 1), (x + width - 1, y + height // 2)]
        colours = {image.convert("RGB").getpixel(corner) for corner in corners}
        assert len(colours) == 1, (mark, colours)
        assert colours.pop() not in (WHITE, (239, 239, 239)), mark
    # The page has seen nothing of it: it would have turned red.
    at(image, 300, 225, WHITE)
    calm(a)


@case("marks in a picture that is scaled down", url=page("outline.html"), marks=True, max_pixels=20_000)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.width * image.height <= 20_000
    assert abs(image.width / image.height - 320 / 240) < 0.02
    # The lower edge of the button `Send`.
    x, y = round(100 * image.width / 320), round(79 * image.height / 240)
    assert image.convert("L").getpixel((x, y)) < 170


@case("max_pixels", url=page("green.html"), max_pixels=19_200)
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    assert image.size == (160, 120)
    at(image, 40, 30, RED, 2)


@case("max_pixels that are not needed", url=page("green.html"), max_pixels=1_000_000, format="jpeg")
def _(a: Answer, s: Origins) -> None:
    assert (picture(a).size, picture(a).format) == ((320, 240), "JPEG")


@case(
    "tiles",
    lonely=True,
    url=page("tall.html"),
    outputs=[
        {"format": "png", "full_page": True, "filename": "whole"},
        {"format": "png", "full_page": True, "filename": "part", "tiles": {"height": 700, "overlap": 30}},
    ],
)
def _(a: Answer, s: Origins) -> None:
    files = {name: picture(data) for name, data in archive(a).items()}
    whole = files.pop("whole.png")
    assert list(files) == [f"part-{number:02}.png" for number in range(1, len(files) + 1)]
    assert len(files) > 2
    joined = Image.new("RGB", whole.size)
    for number, tile in enumerate(files.values()):
        assert tile.width == whole.width
        joined.paste(tile.convert("RGB"), (0, number * 670))
    assert (len(files) - 1) * 670 + tile.height == whole.height
    assert ImageChops.difference(joined, whole.convert("RGB")).getbbox() is None
    calm(a)


@case(
    "tiles in a budget",
    lonely=True,
    url=page("tall.html"),
    full_page=True,
    max_pixels=50_000,
    tiles={"height": 250, "first": 2, "count": 2},
    response_type="json",
)
def _(a: Answer, s: Origins) -> None:
    assert a.status == 200, a.json
    parts = a.json["outputs"]
    assert [(p["tile"]["number"], p["width"], p["height"]) for p in parts] == [(2, 200, 250), (3, 200, 250)]
    assert parts[0]["tile"]["rows"] == [250, 500]
    wanted = zip(parts[0]["tile"]["box"], [0, 400, 320, 400], strict=True)
    assert all(abs(found - side) < 1 for found, side in wanted)
    assert parts[0]["filename"] == "screenshot-02.png"
    assert picture(base64.b64decode(parts[0]["file"])).size == (200, 250)


@case(
    "tiles of a picture that fits",
    url=page("green.html"),
    tiles={},
    max_pixels=76_800,
    response_type="json",
    lonely=True,
)
def _(a: Answer, s: Origins) -> None:
    (part,) = a.json["outputs"]
    assert part["tile"] == {"number": 1, "of": 1, "rows": [0, 240], "box": [0, 0, 320, 240]}


@case("tiles beyond the end", url=page("green.html"), tiles={"first": 9})
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "not_renderable", "tiles.first: the picture has 1 tiles")
