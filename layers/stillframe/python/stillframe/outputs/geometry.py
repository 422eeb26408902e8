"""Rectangles of a page, and its layout."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..page.session import PageSession


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels; 0, 0 is the top left corner of all that can be scrolled to."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Page size, viewport size and scroll position in CSS pixels; `zoom` is the scale of a mobile page."""

    width: float
    height: float
    view_width: float
    view_height: float
    left: float
    top: float
    zoom: float


async def measure_layout(session: PageSession) -> Layout:
    """The layout as DevTools reports it: a page can replace `innerHeight` and `devicePixelRatio`."""
    found = await session.deadline.run(session.cdp.send("Page.getLayoutMetrics"), "shoot", 5_000)
    content, layout, view = found["cssContentSize"], found["cssLayoutViewport"], found["cssVisualViewport"]
    return Layout(
        content["width"],
        content["height"],
        math.ceil(view["clientWidth"]),
        math.ceil(view["clientHeight"]),
        layout["pageX"],
        layout["pageY"],
        view["scale"],
    )
