"""The rectangle of the element that `selector` names."""

from __future__ import annotations

import math

from ..errors import NotRenderable
from ..page.session import PageSession
from ..steps.element import Element, bring_into_view, element_box, find_element
from ..steps.full_page import Needs, Position, page_needs, scroll_to, show_pinned
from ..steps.settle import stands_still
from .geometry import Box, Layout, measure_layout


async def selected_box(
    session: PageSession, selector: str, padding: int
) -> tuple[Layout, Box, Needs, Position]:
    """The layout, the element's rectangle with its padding, and how it has to be captured.

    Raises SelectorNotFound, NotRenderable, RequestNotValid.
    """
    # The clock of a page settled in virtual time stands still, so no element will be added.
    wait = max(1.0, session.deadline.share(0.3, 250 if stands_still(session) else 2_000))
    element = await find_element(session, selector, wait)
    start = await scroll_to(session, None, None)
    await bring_into_view(session, element)
    needs, (page, box) = Needs(), await _measured(session, element, selector)
    if box.y + box.height > page.view_height or box.x + box.width > page.view_width:
        needs = await page_needs(session)
    near = needs.any() and box.height <= page.view_height
    arranged = False
    if not near or page.top or page.left:
        # From the beginning of the page, so that no bar that is pinned to the window lies on the element.
        there = box
        await scroll_to(session, 0, 0)
        page, box = await _measured(session, element, selector)
        # What moves with the window is pinned itself, and stays as it is.
        stays = abs(there.x - box.x) < 1 and abs(there.y - box.y) < 1
        arranged = stays and (near or needs.bars > 0)
        if arranged and not near:
            await show_pinned(session, "down", page.height - page.view_height)
        if near:
            if arranged:
                await show_pinned(session, "below")
            await bring_into_view(session, element)
            page, box = await _measured(session, element, selector)
    if box.height <= page.view_height:
        needs = Needs()
    position = await scroll_to(session, None, None)
    box = _padded(selector, padding, page, box)
    return page, box, needs, Position(start.now, position.now, arranged=arranged)


async def _measured(session: PageSession, element: Element, selector: str) -> tuple[Layout, Box]:
    """The layout, and the element's rectangle on the page."""
    page = await measure_layout(session)
    x, y, width, height = await element_box(session, element, selector)
    return page, Box(x + page.left, y + page.top, width, height)


def _padded(selector: str, padding: int, page: Layout, element: Box) -> Box:
    """The element's rectangle with its padding, rounded outwards to whole pixels, within the page."""
    left = max(0, math.floor(element.x + 0.001) - padding)
    top = max(0, math.floor(element.y + 0.001) - padding)
    right = math.ceil(element.x + element.width - 0.001) + padding
    bottom = math.ceil(element.y + element.height - 0.001) + padding
    right = min(right, math.ceil(max(page.width, element.x + element.width)))
    bottom = min(bottom, math.ceil(max(page.height, element.y + element.height)))
    if right <= left or bottom <= top:
        raise NotRenderable(
            f"selector: the element {selector!r} lies outside the page.",
            details=[{"field": "selector"}],
        )
    return Box(left, top, right - left, bottom - top)
