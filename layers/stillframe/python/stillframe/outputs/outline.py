"""The accessibility tree of the page with boxes and references, and the numbers of what can be operated.

Playwright writes the tree (`Locator.aria_snapshot`). It reads the page in an isolated world of its own, which
the page's globals do not reach, and it enters frames and open shadow trees. Its boxes are those of each
frame's window; here they become CSS pixels from the top left corner of the page, as `clip` takes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import RequestNotValid, SelectorNotFound
from ..options import Options, option
from ..page.selectors import entering_shadow_trees, is_selector_error
from ..page.session import PageSession, is_timeout
from .geometry import Box, Layout

if TYPE_CHECKING:
    from playwright.async_api import Frame, Locator

_OPERABLE = {
    *("button", "checkbox", "combobox", "link", "listbox", "menuitem", "menuitemcheckbox", "menuitemradio"),
    *("option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem"),
}
# CSS pixels of the smaller side of an element that gets a mark.
_SMALLEST = 4
# How many marks a picture has.
MOST_MARKS = 250
_FRAMES = 50
_SNAPSHOT_MS = 8_000
_NODE = re.compile(r'(?P<role>[^\s:"\[]+)(?: (?P<name>"(?:[^"\\]|\\.)*"))?(?P<states>(?: \[[^\]]*\])*)')
_BOX = re.compile(r" \[box=(-?[\d.]+),(-?[\d.]+),([\d.]+),([\d.]+)\]")
_REF = re.compile(r" \[ref=((f\d+)?e\d+)\]")


class OutlineOptions(Options, group="image"):
    marks: bool = option(
        False,
        "Draw a numbered mark on every link, button, field and other operable element of the picture;"
        " `report.marks` lists them, and `format: aria` has the same numbers.",
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


@dataclass(slots=True)
class Node:
    """A line of the tree: an element, or a text or property of the element above it.

    `head` is the line up to its box, `tail` what follows; `box` is in CSS pixels of the page.
    """

    depth: int
    head: str
    tail: str
    role: str = ""
    name: str = ""
    ref: str = ""
    frame: str = ""
    box: Box | None = None
    mark: int = 0

    def line(self) -> str:
        mark = f" [mark={self.mark}]" if self.mark else ""
        box = "" if self.box is None else f" [box={_numbers(self.box)}]"
        return f"{'  ' * self.depth}{self.head}{mark}{box}{self.tail}"


async def read(session: PageSession, selector: str | None, layout: Layout, *, marks: bool) -> list[Node]:
    """The tree of the page or of one element. Raises SelectorNotFound, RequestNotValid, DeadlineExceeded."""
    work = _snapshot(session, selector)
    nodes = parsed(await session.deadline.run(work, "outline", _SNAPSHOT_MS))
    await session.deadline.run(_place(session, nodes, layout), "outline", _SNAPSHOT_MS)
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


def parsed(text: str) -> list[Node]:
    """The lines of a snapshot; boxes are still those of the frame's window."""
    found = [_node(line) for line in text.split("\n") if line.strip()]
    if found and found[0].role == "document":
        # The root of an HTML page says nothing.
        found = found[1:]
        for node in found:
            node.depth -= 1
    return found


def number(nodes: Sequence[Node]) -> None:
    """Number what can be operated, from the beginning of the page."""
    count, inside = 0, -1
    for node in nodes:
        if inside >= 0 and node.depth > inside:
            continue
        inside = -1
        pointed = " [cursor=pointer]" in node.head
        if node.role not in _OPERABLE and not pointed:
            continue
        # What lies in it is a part of it, and would get a second mark at the same place.
        inside = node.depth
        if node.box is not None and min(node.box.width, node.box.height) >= _SMALLEST:
            count += 1
            node.mark = count


def within(nodes: Sequence[Node], area: Box) -> list[Node]:
    """The elements that lie in a rectangle of the page, with what contains them."""
    boxes = _boxes(nodes)
    kept, needed = list[Node](), -1
    for index in range(len(nodes) - 1, -1, -1):
        node, box = nodes[index], boxes[index]
        shown = box is not None and _overlap(box, area)
        if shown or node.depth < needed:
            kept.append(node)
            needed = node.depth
    return kept[::-1]


def marked(nodes: Sequence[Node], area: Box) -> list[Node]:
    """The elements with a mark in a rectangle of the page."""
    return [node for node in nodes if node.mark and node.box is not None and _overlap(node.box, area)]


def described(nodes: Sequence[Node], all_nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """Marks for the report: number, role, name, reference and box."""
    places = {id(node): index for index, node in enumerate(all_nodes)}
    return [
        {
            "mark": node.mark,
            "role": node.role,
            "name": node.name or _words(all_nodes, places[id(node)]),
            "ref": node.ref,
            "box": [round(side) for side in _sides(node.box)] if node.box else None,
        }
        for node in nodes
    ]


def _node(line: str) -> Node:
    body = line.lstrip(" ")
    depth, entry = (len(line) - len(body)) // 2, body.removeprefix("- ")
    if entry.startswith(("text:", "/")):
        return Node(depth, body, "", name=entry.partition(": ")[2])
    # YAML puts a key with special characters into single quotes, where two of them stand for one.
    quoted = re.match(r"'((?:[^']|'')*)'", entry)
    key = quoted[1].replace("''", "'") if quoted else entry
    found = _NODE.match(key)
    if found is None:
        return Node(depth, body, "")
    states, box = found["states"], _BOX.search(found["states"])
    ref = _REF.search(states)
    name = json.loads(found["name"]) if found["name"] else ""
    bare = key[: found.start("states")] + (states.replace(box[0], "") if box else states)
    rest = entry[quoted.end() :] if quoted else key[found.end() :]
    node = Node(depth, f"- {bare}", rest, found["role"], name)
    if quoted:
        # The quotes end behind the box.
        node.head, node.tail = f"- '{bare.replace(chr(39), chr(39) * 2)}", f"'{rest}"
    if ref:
        node.ref, node.frame = ref[1], ref[2] or ""
    if box:
        node.box = Box(*(float(side) for side in box.groups()))
    return node


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
    moves = {"": (layout.left, layout.top)}
    for node in nodes:
        if node.box is None or node.frame in moves:
            continue
        # Playwright places the element in the window of the page, through all frames that hold it.
        try:
            handle = await session.page.query_selector(f"aria-ref={node.ref}")
            there = await handle.bounding_box() if handle else None
        except Exception as error:
            if is_timeout(error) or session.page.is_closed():
                raise
            there = None
        if there is not None:
            x, y = there["x"] - node.box.x + layout.left, there["y"] - node.box.y + layout.top
            moves[node.frame] = (x, y)
    for node in nodes:
        if node.box is not None:
            move = moves.get(node.frame)
            # An element of a frame that has gone has no place.
            node.box = move and Box(
                node.box.x + move[0], node.box.y + move[1], node.box.width, node.box.height
            )


def _boxes(nodes: Sequence[Node]) -> list[Box | None]:
    """The box of each line; a text or property has that of the element that it belongs to."""
    found: list[Box | None] = []
    owners: list[Node] = []
    for node in nodes:
        del owners[max(0, node.depth) :]
        found.append(node.box or (owners[-1].box if owners else None))
        owners.append(node)
    return found


def _words(nodes: Sequence[Node], index: int, most: int = 120) -> str:
    """The text in an element that has no name of its own."""
    found = []
    tail = nodes[index].tail.removeprefix("'").removeprefix(":").strip()
    if tail:
        found.append(tail)
    for node in nodes[index + 1 :]:
        if node.depth <= nodes[index].depth or sum(map(len, found)) > most:
            break
        if not node.head.startswith("- /"):
            found.append(node.name or node.tail.removeprefix("'").removeprefix(":").strip())
    return " ".join(filter(None, found))[:most]


def _overlap(box: Box, area: Box) -> bool:
    return (
        box.x < area.x + area.width
        and area.x < box.x + box.width
        and box.y < area.y + area.height
        and area.y < box.y + box.height
    )


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height


def _numbers(box: Box) -> str:
    return ",".join(f"{round(side)}" for side in _sides(box))
