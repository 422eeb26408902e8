"""The element of a selector: find it, bring it into view so that its lazy content loads, measure it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import NotRenderable, RequestNotValid, SelectorNotFound
from ..page import world
from ..page.assets import find_in_page, page_script
from ..page.selectors import entering_shadow_trees, is_selector_error
from ..page.session import PageSession, is_timeout

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame

# Frames that are searched for an element that the page itself does not have.
_FRAMES = 50
# Milliseconds for one script with an element.
_SCRIPT_MS = 6_000


@dataclass(frozen=True, slots=True)
class Element:
    """A match of a selector: an object of the isolated world, or Playwright's handle of any other match.

    The scripts of the page reach neither what runs in the isolated world nor its globals.
    """

    session: PageSession
    object_id: str = ""
    handle: ElementHandle | None = None

    async def call(self, script: str, *arguments: Any) -> Any:
        """The value of a function that is called with the element."""
        if self.handle is None:
            work = world.call_on(self.session, self.object_id, script, *arguments)
        else:
            work = self.handle.evaluate(script, *arguments)
        return await self.session.deadline.run(work, "selector", _SCRIPT_MS)

    async def frame(self) -> Frame | None:
        """The frame that holds it; None for the page itself."""
        frame = None if self.handle is None else await self.handle.owner_frame()
        return None if frame is None or frame.parent_frame is None else frame


async def reveal_elements(session: PageSession, selectors: list[str], *, stay: bool) -> None:
    """Bring the elements into view one after the other, so that what they contain loads.

    `stay` tells whether the page remains scrolled to the last one. An element that is not there yet is left
    to the capture, which waits for it.
    """
    for selector in selectors:
        try:
            element = await session.deadline.run(_first_seen(session, selector), "selector", 2_000)
            if element is not None:
                await bring_into_view(session, element, sweep=True, stay=stay)
        except Exception as error:
            if is_selector_error(error):
                raise _invalid(selector) from error
            if session.page.is_closed() or session.deadline.remaining() < 0.05:
                raise


async def find_element(session: PageSession, selector: str, wait_ms: float) -> Element:
    """The first match that can be seen, in the page or in one of its frames; else the first match.

    Raises SelectorNotFound when there is none after `wait_ms`, RequestNotValid for an invalid selector.
    """
    try:
        found = await session.deadline.run(_first_seen(session, selector), "selector", 5_000)
        if found is not None:
            return found
        await session.page.locator(entering_shadow_trees(selector)).first.wait_for(
            state="attached", timeout=max(1.0, wait_ms)
        )
        found = await session.deadline.run(_first_seen(session, selector), "selector", 5_000)
    except Exception as error:
        if is_selector_error(error):
            raise _invalid(selector) from error
        if not is_timeout(error):
            raise
        found = None
    if found is None:
        raise SelectorNotFound(
            f"selector: no element matches {selector!r}.", details=[{"field": "selector"}]
        ) from None
    return found


async def bring_into_view(
    session: PageSession, element: Element, *, sweep: bool = False, stay: bool = True
) -> None:
    """Scroll an element into view in every scroll area and frame that holds it.

    Scroll areas and frames smaller than the element are enlarged, because they would cut it. With `sweep` the
    window also passes over an element that is larger than the window.
    """
    milliseconds = max(50, session.deadline.share(0.2, 4_000))
    # No callback would come where the page's scripts are off.
    limits = {"stay": stay, "milliseconds": milliseconds, "wait": not session.scripts_off}
    script = page_script("steps/assets/bring_into_view.js")
    more: dict[str, Any] = {"sweep": sweep}
    frame, target = await element.frame(), element
    while True:
        needed = await target.call(script, {**limits, **more})
        if frame is None or frame.parent_frame is None:
            return
        target = Element(session, handle=await frame.frame_element())
        frame = frame.parent_frame
        more = {"needed": needed}


async def element_box(
    session: PageSession, element: Element, selector: str
) -> tuple[float, float, float, float]:
    """Left, top, width and height in CSS pixels of the window.

    Raises SelectorNotFound for an element without a size, NotRenderable for one without a finite size.
    """
    handle = element.handle
    if handle is None or await element.frame() is None:
        found = await element.call(page_script("outputs/assets/element_box.js"))
    else:
        # Playwright adds the places of the frames, also of those in other processes.
        box = await session.deadline.run(handle.bounding_box(), "selector", 5_000)
        found = [box["x"], box["y"], box["width"], box["height"]] if box else [0, 0, 0, 0]
    if not all(isinstance(side, int | float) and math.isfinite(side) for side in found):
        raise NotRenderable(
            f"selector: the box of {selector!r} has no finite size.", details=[{"field": "selector"}]
        )
    x, y, width, height = found
    if width <= 0 or height <= 0:
        raise SelectorNotFound(
            f"selector: the element {selector!r} has no size.", details=[{"field": "selector"}]
        )
    return x, y, width, height


async def _first_seen(session: PageSession, selector: str) -> Element | None:
    """The first visible match of the page, then of its frames, then the first match of the page."""
    if found := await find_in_page(session, selector, hidden=False):
        return Element(session, found)
    deep = entering_shadow_trees(selector)
    page = session.page
    for frame in page.frames[:_FRAMES]:
        try:
            seen = await frame.query_selector(f"{deep} >> visible=true")
        except Exception as error:
            if frame is page.main_frame or is_selector_error(error):
                raise
            continue
        if seen is not None:
            return Element(session, handle=seen)
    if found := await find_in_page(session, selector, hidden=True):
        return Element(session, found)
    hidden = await page.query_selector(deep)
    return None if hidden is None else Element(session, handle=hidden)


def _invalid(selector: str) -> RequestNotValid:
    return RequestNotValid(
        f"selector: {selector!r} is not a valid selector.", details=[{"field": "selector"}]
    )
