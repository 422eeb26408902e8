"""The accessibility tree as YAML: what assistive technology, and an agent, is told of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ResultTooLarge
from ..page.session import PageSession
from ..result import Artifact
from . import artifact, outline
from .geometry import Box, measure_layout
from .outline_nodes import within


@dataclass(frozen=True, slots=True)
class Tree:
    """The lines of the tree that are kept."""

    lines: list[str]


class Aria:
    """The accessibility tree of what a picture with the same options shows."""

    async def shoot(self, session: PageSession, options: Any, format: str) -> Tree:
        """The tree of `selector`, of the whole page, or of what lies in the window or in `clip`.

        Raises SelectorNotFound, RequestNotValid, ResultTooLarge.
        """
        page = await measure_layout(session)
        nodes = await outline.read(session, options.selector, page, marks=options.marks)
        if c := options.clip:
            nodes = within(nodes, Box(c.x, c.y, c.width, c.height))
        elif not options.full_page and not options.selector:
            nodes = within(nodes, Box(page.left, page.top, page.view_width, page.view_height))
        lines = outline.written(session, nodes, options.aria_limit)
        size = sum(len(line) + 1 for line in lines)
        limit = session.limits.max_html_output_bytes
        if size > limit:
            raise ResultTooLarge(f"The tree has {size} characters; the limit is {limit}.")
        return Tree(lines)

    def encode(self, raw: Tree, options: outline.OutlineOptions, format: str) -> Artifact:
        return artifact(format, ("\n".join(raw.lines) + "\n").encode("utf-8", "replace"))
