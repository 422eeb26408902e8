"""Lines of an accessibility tree: reading them, numbering what can be operated, choosing a rectangle."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .geometry import Box

_OPERABLE = {
    *("button", "checkbox", "combobox", "link", "listbox", "menuitem", "menuitemcheckbox", "menuitemradio"),
    *("option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem"),
}
# CSS pixels of the smaller side of an element that gets a mark.
_SMALLEST = 4
# Patterns are compiled on first use: at import, they would be at every cold start.
_NODE = r'(?P<role>[^\s:"\[]+)(?: (?P<name>"(?:[^"\\]|\\.)*"))?(?P<states>(?: \[[^\]]*\])*)'
_BOX = r" \[box=(-?[\d.]+),(-?[\d.]+),([\d.]+),([\d.]+)\]"
_REF = r" \[ref=((f\d+)?e\d+)\]"


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

    def value(self) -> str:
        """The text behind the element's line, such as what stands in a field."""
        text = self.tail.removeprefix("'").removeprefix(":").strip()
        return _unquoted(text) if text[:1] == '"' else text

    def line(self) -> str:
        mark = f" [mark={self.mark}]" if self.mark else ""
        box = "" if self.box is None else f" [box={_numbers(self.box)}]"
        return f"{'  ' * self.depth}{self.head}{mark}{box}{self.tail}"


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
    found = re.match(_NODE, key)
    if found is None:
        return Node(depth, body, "")
    states, box = found["states"], re.search(_BOX, found["states"])
    ref = re.search(_REF, states)
    name = _unquoted(found["name"]) if found["name"] else ""
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


def _unquoted(text: str) -> str:
    """The text in double quotes, without half characters, which UTF-8 cannot encode."""
    try:
        return str(json.loads(text)).encode("utf-8", "replace").decode()
    except ValueError:
        # YAML has escapes that JSON does not know.
        return text.strip('"')


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
    found = nodes[index].value()
    for place in range(index + 1, len(nodes)):
        node = nodes[place]
        if node.depth <= nodes[index].depth or len(found) > most:
            break
        if not node.head.startswith("- /"):
            found = " ".join(filter(None, (found, node.name or node.value())))
    return found[:most]


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
