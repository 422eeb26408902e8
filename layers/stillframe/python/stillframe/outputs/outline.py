"""The accessibility tree of the page with boxes and references, and the numbers of what can be operated.

Playwright writes the tree (`Locator.aria_snapshot`). It reads the page in an isolated world of its own, which
the page's globals do not reach, and it enters frames and open shadow trees. Its boxes are those of each
frame's window; here they become CSS pixels from the top left corner of the page, as `clip` takes them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import RequestNotValid, ResultTooLarge, SelectorNotFound
from ..options import Options, option
from ..page.assets import call_page_script
from ..page.selectors import entering_shadow_trees, is_selector_error
from ..page.session import PageSession, is_timeout
from .geometry import Box, Layout
from .outline_nodes import Node, described, marked, number, parsed

if TYPE_CHECKING:
    from playwright.async_api import Frame, Locator

# How many marks a picture has.
MOST_MARKS = 250
_FRAMES = 50
_SNAPSHOT_MS = 8_000
# A tree is smaller than its HTML, which holds scripts, styles and data too.
_HTML_FACTOR = 5


class OutlineOptions(Options, group="image"):
    marks: bool = option(
        False,
        "Draw a numbered mark on every link, button, field and other operable element of the picture;"
        " `report.marks` lists them, and `format: aria` has the same numbers.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    aria_limit: int = option(
        200_000,
        "Characters of `format: aria`; a longer tree is cut at a line, with the warning `truncated`.",
        group="output",
        ge=500,
        le=5_000_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A number and the rectangle that it names, in CSS pixels of the page or in pixels of a picture."""

    number: int
    box: Box

    def at(self, area: Box, density: float) -> Mark:
        """The mark in a picture of `area` with `density` pixels for each CSS pixel."""
        box = self.box
        x, y = (box.x - area.x) * density, (box.y - area.y) * density
        return Mark(self.number, Box(x, y, box.width * density, box.height * density))


async def read(session: PageSession, selector: str | None, layout: Layout, *, marks: bool) -> list[Node]:
    """The tree of the page or of one element. Raises SelectorNotFound, RequestNotValid, DeadlineExceeded."""
    await session.deadline.run(_check_length(session), "outline", _SNAPSHOT_MS)
    work = _snapshot(session, selector)
    nodes = parsed(await session.deadline.run(work, "outline", _SNAPSHOT_MS))
    await session.deadline.run(_place(session, nodes, layout), "outline", _SNAPSHOT_MS)
    await session.deadline.run(_hide_passwords(session, nodes), "outline", _SNAPSHOT_MS)
    if marks:
        number(nodes)
    return nodes


async def marks_in(session: PageSession, options: OutlineOptions, layout: Layout, area: Box) -> list[Mark]:
    """The marks of a picture of this rectangle of the page, which are listed in the report."""
    if not options.marks:
        return []
    nodes = await read(session, None, layout, marks=True)
    found = marked(nodes, area)
    if len(found) > MOST_MARKS:
        session.report.warn(
            "truncated", f"{len(found)} elements could have a mark; the first {MOST_MARKS} have one."
        )
        found = found[:MOST_MARKS]
    listed = {entry["mark"]: entry for entry in session.report.facts.get("marks", [])}
    listed |= {entry["mark"]: entry for entry in described(found, nodes)}
    session.report.note("marks", [listed[mark] for mark in sorted(listed)])
    return [Mark(node.mark, node.box) for node in found if node.box]


def written(session: PageSession, nodes: Sequence[Node], limit: int) -> list[str]:
    """The lines of the tree, up to so many characters, and a comment in place of those that are left out."""
    lines, size = list[str](), 0
    for node in nodes:
        lines.append(node.line())
        size += len(lines[-1]) + 1
        if size > limit:
            kept, count = len(lines) - 1, len(nodes)
            session.report.warn(
                "truncated", f"The tree has {count} lines, of which the first {kept} fit aria_limit."
            )
            lines[-1] = f"# cut here: {count - kept} of {count} lines are left out"
            break
    return lines


async def _check_length(session: PageSession) -> None:
    """Refuse a page whose tree could fill the memory of the driver. Raises ResultTooLarge."""
    length = int(await call_page_script(session, "outputs/assets/html_length.js"))
    most = _HTML_FACTOR * session.limits.max_html_output_bytes
    if length > most:
        raise ResultTooLarge(
            f"The page has {length} characters of HTML, too many for its outline; the limit is {most}."
        )


async def _snapshot(session: PageSession, selector: str | None) -> str:
    if selector is None:
        return str(await session.page.locator(":root").first.aria_snapshot(mode="ai", boxes=True))
    try:
        target = await _locator(session, entering_shadow_trees(selector))
    except Exception as error:
        if is_selector_error(error):
            raise RequestNotValid(
                f"selector: {selector!r} is not a valid selector.", details=[{"field": "selector"}]
            ) from error
        raise
    if target is None:
        raise SelectorNotFound(f"selector: no element matches {selector!r}.", details=[{"field": "selector"}])
    return str(await target.aria_snapshot(mode="ai", boxes=True))


async def _locator(session: PageSession, selector: str) -> Locator | None:
    """The first visible match in the page, then in its frames, then the first match in the page."""
    frames: list[Frame] = session.page.frames[:_FRAMES]
    for frame in frames:
        try:
            locator = frame.locator(f"{selector} >> visible=true")
            if await locator.count():
                return locator.first
        except Exception as error:
            if frame is session.page.main_frame or is_selector_error(error):
                raise
    locator = session.page.locator(selector)
    return locator.first if await locator.count() else None


async def _place(session: PageSession, nodes: list[Node], layout: Layout) -> None:
    """Move the boxes from the window of their frame to the page."""
    places: dict[str, tuple[float, float, float] | None] = {"": (layout.left, layout.top, 1.0)}
    for frame in {node.frame for node in nodes if node.frame}:
        there = [node for node in nodes if node.frame == frame and node.box and node.box.height]
        widest = max(there, key=lambda node: node.box.width if node.box else 0, default=None)
        places[frame] = None if widest is None else await _frame_place(session, widest, layout)
    for node in nodes:
        if node.box is not None:
            place = places.get(node.frame)
            # An element of a frame that has gone has no place.
            node.box = place and _moved(node.box, *place)


async def _frame_place(session: PageSession, node: Node, layout: Layout) -> tuple[float, float, float] | None:
    """Left, top and scale of the frame that holds an element; None when it has gone."""
    try:
        # Playwright places the element in the window of the page, through all frames that hold it.
        handle = await session.page.query_selector(f"aria-ref={node.ref}")
        there = await handle.bounding_box() if handle else None
    except Exception as error:
        if is_timeout(error) or session.page.is_closed():
            raise
        return None
    if there is None or node.box is None or not node.box.width:
        return None
    scale = there["width"] / node.box.width
    # Snapshots have whole numbers, so a small difference is that of rounding.
    if abs(scale - 1) * node.box.width < 1:
        scale = 1.0
    x, y = there["x"] - node.box.x * scale, there["y"] - node.box.y * scale
    return x + layout.left, y + layout.top, scale


def _moved(box: Box, left: float, top: float, scale: float) -> Box:
    return Box(left + box.x * scale, top + box.y * scale, box.width * scale, box.height * scale)


async def _hide_passwords(session: PageSession, nodes: list[Node]) -> None:
    """Put dots in place of what stands in password fields, as the browser draws them."""
    if not any(node.role == "textbox" and node.tail for node in nodes):
        return
    secret = set[str]()
    for frame in session.page.frames[:_FRAMES]:
        with contextlib.suppress(Exception):
            for field in await frame.query_selector_all("input[type=password i]"):
                secret.add(" ".join((await field.input_value()).split()))
    for node in nodes:
        if node.role == "textbox" and node.value() in secret - {""}:
            node.tail = ("'" if node.tail.startswith("'") else "") + ": ••••"
