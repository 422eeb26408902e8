"""The accessibility tree as YAML: what assistive technology, and an agent, is told of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ResultTooLarge
from ..options import option
from ..page.session import PageSession
from ..result import Artifact
from . import artifact, outline
from .geometry import Box, measure_layout


class AriaOptions(outline.OutlineOptions, group="output"):
    aria_limit: int = option(
        200_000,
        "Characters of `format: aria`; a longer tree is cut at a line, with the warning `truncated`.",
        ge=500,
        le=5_000_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )


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
            nodes = outline.within(nodes, Box(c.x, c.y, c.width, c.height))
        elif not options.full_page and not options.selector:
            nodes = outline.within(nodes, Box(page.left, page.top, page.view_width, page.view_height))
        lines, size = list[str](), 0
        for node in nodes:
            line = node.line()
            size += len(line) + 1
            if size > options.aria_limit:
                session.report.warn(
                    "truncated",
                    f"The tree has {len(nodes)} lines, of which the first {len(lines)} fit aria_limit.",
                )
                lines.append(f"# cut here: {len(nodes) - len(lines)} of {len(nodes)} lines are left out")
                break
            lines.append(line)
        limit = session.limits.max_html_output_bytes
        if size > limit:
            raise ResultTooLarge(f"The tree has {size} characters; the limit is {limit}.")
        return Tree(lines)

    def encode(self, raw: Tree, options: AriaOptions, format: str) -> Artifact:
        return artifact(format, ("\n".join(raw.lines) + "\n").encode("utf-8", "replace"))
