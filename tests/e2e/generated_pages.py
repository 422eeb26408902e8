"""Pages made from a number: random layouts, scroll areas, writing modes, fixed, lazy and late parts; no text.

The same number always gives the same page. `main` and `other` are two sites of one server.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

VIEW = {"width": 640, "height": 480}
SHELLS = ("document", "document", "document", "body", "app", "panes", "nested", "shadow")
FLOWS = ("ltr", "ltr", "ltr", "ltr", "rtl", "vertical-rl", "vertical-lr")


@dataclass(slots=True)
class Page:
    """The page's HTML, its address's fragment, the options it is captured with, and elements to capture."""

    number: int
    shell: str
    flow: str
    html: str
    fragment: str = ""
    options: dict[str, object] = field(default_factory=dict)
    elements: list[str] = field(default_factory=list)


class _Maker:
    def __init__(self, number: int, other: str) -> None:
        self.random = random.Random(number)
        self.other = other
        self.elements: list[str] = []
        self.scripts: list[str] = []

    def colour(self) -> str:
        return "rgb({},{},{})".format(*(self.random.randrange(0, 256, 5) for _ in range(3)))

    def size(self, least: int, most: int) -> int:
        return self.random.randrange(least, most, 2)

    def name(self) -> str:
        self.elements.append(f"e{len(self.elements)}")
        return self.elements[-1]

    def boxes(self) -> str:
        """Boxes side by side, as inline blocks, a flex row or a grid."""
        kind = self.random.choice(("display:flex;gap:6px", "display:grid;grid-template-columns:1fr 2fr", ""))
        inner = "".join(
            f"<i id={self.name()} style='display:inline-block;inline-size:{self.size(20, 120)}px;"
            f"block-size:{self.size(20, 90)}px;background:{self.colour()}'></i>"
            for _ in range(self.random.randint(1, 4))
        )
        return f"<div style='{kind};line-height:0'>{inner}</div>"

    def plain(self) -> str:
        return (
            f"<section id={self.name()} style='block-size:{self.size(40, 700)}px;background:{self.colour()}'>"
            f"{self.boxes()}</section>"
        )

    def lazy(self) -> str:
        rgb = ",".join(str(self.random.randrange(0, 256, 5)) for _ in range(3))
        return (
            f"<img id={self.name()} loading=lazy width={self.size(40, 200)} height={self.size(40, 200)}"
            f" style='display:block' src='/image?rgb={rgb}'>"
        )

    def contained(self) -> str:
        return (
            f"<section style='content-visibility:auto;contain-intrinsic-size:auto {self.size(20, 300)}px'>"
            f"<div id={self.name()} style='block-size:{self.size(60, 500)}px;background:{self.colour()}'>"
            "</div></section>"
        )

    def reveal(self) -> str:
        name, both = self.name(), self.random.random() < 0.6
        leave = "else e.target.style.opacity = 0" if both else ""
        self.scripts.append(
            f"new IntersectionObserver((es) => {{ for (const e of es) if (e.isIntersecting)"
            f" e.target.style.opacity = 1; {leave} }}, {{ threshold: 0.05 }}).observe({name});"
        )
        return (
            f"<section id={name} style='opacity:0;transition:opacity .3s;block-size:{self.size(80, 400)}px;"
            f"background:{self.colour()}'></section>"
        )

    def frame(self) -> str:
        site = self.other if self.random.random() < 0.6 else ""
        colour = self.colour().replace(" ", "")
        return (
            f"<iframe id={self.name()} src='{site}/inner?colour={colour}' style='border:0;display:block;"
            f"width:{self.size(100, 400)}px;height:{self.size(60, 300)}px'></iframe>"
        )

    def component(self) -> str:
        name = self.name()
        self.scripts.append(
            f"{name}.attachShadow({{ mode: 'open' }}).innerHTML = `<div class='in-{name}' style='block-size:"
            f"{self.size(40, 300)}px;background:{self.colour()}'></div>`;"
        )
        return f"<x-part id={name} style='display:block'></x-part>"

    def scroller(self) -> str:
        """A small scroll area, which is a part of the page; its content is captured by selector only."""
        return (
            f"<div style='block-size:{self.size(60, 200)}px;overflow:auto;background:{self.colour()}'>"
            f"<div style='block-size:{self.size(200, 600)}px;background:{self.colour()}'></div></div>"
        )

    def feed(self) -> str:
        name, item = self.name(), self.size(40, 120)
        self.scripts.append(
            f"{{ let n = 0; const more = () => {{ for (let i = 0; i < 5 && n < 20; i += 1, n += 1) {{"
            f" const d = document.createElement('div'); d.style.cssText = `block-size:{item}px;background:"
            f"rgb(${{n * 12}},90,120)`; {name}.before(d); }} }};"
            f" more(); new IntersectionObserver((es) => {{ if (es.some((e) => e.isIntersecting)) more(); }})"
            f".observe({name}); }}"
        )
        return f"<div id={name} style='block-size:10px;background:{self.colour()}'></div>"

    def parts(self, kinds: list[str], least: int, most: int) -> str:
        return "".join(
            getattr(self, self.random.choice(kinds))() for _ in range(self.random.randint(least, most))
        )


def make(number: int, other: str) -> Page:
    """The page of a number."""
    maker = _Maker(number, other)
    pick = maker.random
    shell, flow = pick.choice(SHELLS), pick.choice(FLOWS)
    if shell != "document":
        flow = "ltr"
    kinds = ["plain", "plain", "lazy", "component"]
    if flow in ("ltr", "rtl"):
        kinds += ["contained", "reveal", "scroller"]
    if shell == "document" and flow == "ltr":
        kinds += ["frame"]
    body = maker.parts(kinds, 3, 9)
    if shell == "document" and flow == "ltr" and pick.random() < 0.2:
        body += maker.feed()
    style, options, fragment = ["*{box-sizing:border-box}body{margin:0}"], {}, ""
    before = ""
    if flow in ("vertical-rl", "vertical-lr"):
        style.append(f"html{{writing-mode:{flow}}}")
    elif flow == "rtl":
        style.append("html{direction:rtl}")
    if shell == "document" and flow in ("ltr", "rtl"):
        if pick.random() < 0.3:
            colour = maker.colour()
            before += f"<div style='position:fixed;inset:0;z-index:-1;background:{colour}'></div>"
        if pick.random() < 0.4:
            before += (
                f"<header style='position:fixed;top:0;left:0;right:0;height:{maker.size(20, 60)}px;z-index:9;"
                f"background:{maker.colour()}'></header>"
            )
        if pick.random() < 0.3:
            before += (
                f"<nav style='position:sticky;top:0;height:{maker.size(20, 40)}px;"
                f"background:{maker.colour()}'></nav>"
            )
        if pick.random() < 0.25:
            body += (
                f"<div style='width:{maker.size(700, 1500)}px;height:40px;background:{maker.colour()}'></div>"
            )
            options["full_page_width"] = "content"
        if pick.random() < 0.2 and maker.elements:
            fragment = "#" + pick.choice(maker.elements)
    page = _shell(maker, shell, before + body, style)
    script = "".join(maker.scripts)
    html = (
        f"<!doctype html><meta charset=utf-8><style>{''.join(style)}</style><body>{page}"
        f"<script>{script}</script>"
    )
    chosen = pick.sample(maker.elements, min(2, len(maker.elements)))
    return Page(number, shell, flow, html, fragment, dict(options), [f"#{name}" for name in chosen])


def _shell(maker: _Maker, shell: str, body: str, style: list[str]) -> str:
    """The parts in the element that scrolls."""
    bar = f"<header style='flex:none;height:{maker.size(20, 60)}px;background:{maker.colour()}'></header>"
    area = "class=grows style='flex:1;min-height:0;overflow:auto'"
    if shell == "body":
        style.append("html{height:100%;overflow-x:hidden}body{height:100%;overflow-x:hidden}")
        return body
    if shell == "app":
        return (
            f"<div style='display:flex;flex-direction:column;height:100vh'>{bar}"
            f"<main {area}>{body}</main></div>"
        )
    if shell == "panes":
        side = f"<aside class=grows style='width:160px;overflow:auto'>{maker.plain()}{maker.plain()}</aside>"
        return f"<div style='display:flex;height:100vh'>{side}<main {area}>{body}</main></div>"
    if shell == "nested":
        return (
            "<div style='position:fixed;inset:0;overflow:hidden'><div class=grows style='height:100%;"
            f"overflow:auto'>{bar}<div class=grows style='height:var(--inner,460px);overflow-y:scroll'>{body}"
            "</div></div></div>"
        )
    if shell == "shadow":
        maker.scripts.append(
            "app.attachShadow({ mode: 'open' }).innerHTML = `<div class=grows style='height:100vh;"
            "overflow:auto'><slot></slot></div>`;"
        )
        return f"<x-app id=app style='display:block'>{body}</x-app>"
    return body
