"""Boxes around the changed pixels of a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image as Pillow

# Left, top, width and height in pixels.
Area = tuple[int, int, int, int]
# How many boxes a comparison lists.
MAX_BOXES = 50
# Pixels of one cell of the grid on which changed pixels are joined; cells at most `_NEAR` apart belong
# together, which makes one box of the letters of a line.
_CELL, _NEAR = 8, 2


def boxes_of(mask: Pillow.Image) -> list[Area]:
    """The boxes around changed pixels that lie near each other."""
    from PIL import ImageFilter

    # A single changed pixel of a cell leaves at least 255 / 64 levels of the mean.
    grid = mask.reduce(_CELL).point([255 if level else 0 for level in range(256)])
    near = grid.filter(ImageFilter.MaxFilter(_NEAR + 1))
    width = grid.width
    left_over = {index for index, level in enumerate(near.tobytes()) if level}
    found = []
    while left_over:
        todo = [left_over.pop()]
        columns, rows = set[int](), set[int]()
        while todo:
            index = todo.pop()
            row, column = divmod(index, width)
            rows.add(row)
            columns.add(column)
            for neighbour in (
                *((index - 1 + step * width for step in (-1, 0, 1)) if column else ()),
                *((index + 1 + step * width for step in (-1, 0, 1)) if column < width - 1 else ()),
                index - width,
                index + width,
            ):
                if neighbour in left_over:
                    left_over.remove(neighbour)
                    todo.append(neighbour)
        x, y = min(columns) * _CELL, min(rows) * _CELL
        part = mask.crop((x, y, (max(columns) + 1) * _CELL, (max(rows) + 1) * _CELL)).getbbox()
        if part is not None:
            found.append((x + part[0], y + part[1], part[2] - part[0], part[3] - part[1]))
    return _apart(found)


def _apart(boxes: list[Area]) -> list[Area]:
    """Boxes of which none lies in another one."""
    kept: list[Area] = []
    for box in sorted(boxes, key=lambda box: box[2] * box[3], reverse=True):
        x, y, width, height = box
        inside = any(
            a <= x and b <= y and x + width <= a + w and y + height <= b + h
            for a, b, w, h in kept[:MAX_BOXES]
        )
        if not inside:
            kept.append(box)
    return kept
