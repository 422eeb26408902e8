"""Compare two pictures: which share of the pixels differs visibly, and where.

Pillow is imported only by a comparison (decision 42).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .boxes import MAX_BOXES, Area, boxes_of
from .pixels import MAX_PIXELS, ROWS, as_png, changed_rows, flat, opened

__all__ = ["MAX_BOXES", "TOLERANCE", "Area", "Comparison", "compare"]

# Share of the full scale by which a channel of a pixel may differ and still looks the same: 12 levels of 255.
TOLERANCE = 0.05
_RED, _FADED = (214, 0, 60), 0.65


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two pictures; coordinates are pixels from the top left corner of both.

    `boxes` are the largest areas of change from top to bottom, `box_count` the number of all. What only one
    picture covers counts as changed. Ignored pixels are not among the `compared_pixels`.
    """

    before_size: tuple[int, int]
    after_size: tuple[int, int]
    changed_pixels: int
    compared_pixels: int
    boxes: tuple[Area, ...]
    box_count: int
    _after: bytes
    _mask: bytes

    @property
    def share(self) -> float:
        """The share of the compared pixels that differ, from 0 to 1."""
        return self.changed_pixels / self.compared_pixels if self.compared_pixels else 0.0

    @property
    def changed(self) -> bool:
        """Whether anything differs visibly."""
        return self.changed_pixels > 0

    @property
    def sizes_differ(self) -> bool:
        return self.before_size != self.after_size

    def in_words(self) -> str:
        """The result as one or two sentences."""
        sizes = ""
        if self.sizes_differ:
            (w, h), (x, y) = self.before_size, self.after_size
            sizes = f" The size changed from {w}×{h} to {x}×{y} px."
        if not self.changed:
            return "The pictures show no visible difference." + sizes
        share = max(self.share * 100, 0.01)
        areas = "1 area" if self.box_count == 1 else f"{self.box_count} areas"
        return f"{share:.3g}% of the pixels differ, in {areas}.{sizes}"

    def to_json(self) -> dict[str, Any]:
        return {
            "changed": self.changed,
            "share": round(self.share, 6),
            "changed_pixels": self.changed_pixels,
            "compared_pixels": self.compared_pixels,
            "boxes": [list(box) for box in self.boxes],
            "box_count": self.box_count,
            "before_size": list(self.before_size),
            "after_size": list(self.after_size),
            "summary": self.in_words(),
        }

    def overlay(self) -> bytes:
        """The second picture as a pale PNG, with changed pixels in red and a frame around each box."""
        from PIL import Image, ImageDraw

        mask = opened(self._mask, "mask")
        canvas = Image.new("RGB", mask.size, "white")
        canvas.paste(flat(opened(self._after, "after")), (0, 0))
        canvas = Image.blend(canvas, Image.new("RGB", mask.size, "white"), _FADED)
        canvas.paste(_RED, (0, 0), mask)
        draw = ImageDraw.Draw(canvas)
        for left, top, width, height in self.boxes:
            frame = (left - 4, top - 4, left + width + 3, top + height + 3)
            draw.rectangle(frame, outline=_RED, width=2)
        return as_png(canvas)


def compare(
    before: bytes,
    after: bytes,
    *,
    tolerance: float = TOLERANCE,
    ignore: Iterable[Sequence[float]] = (),
    max_pixels: int = MAX_PIXELS,
) -> Comparison:
    """Compare two PNG, JPEG, WebP or AVIF files.

    tolerance: share of the full scale, 0 to 1, by which a channel may differ.
    ignore: rectangles [left, top, width, height] in pixels that are not compared.

    Pixels that differ because an edge is drawn up to one pixel away, as antialiasing does, count as the same.
    With a tolerance of 0 every pixel must be the same. Raises RequestNotValid for bytes that are no picture
    and for more than `max_pixels` in one of them.
    """
    from PIL import Image, ImageChops, ImageDraw

    first, second = opened(before, "before", max_pixels), opened(after, "after", max_pixels)
    size = max(first.width, second.width), max(first.height, second.height)
    common = min(first.width, second.width), min(first.height, second.height)
    mask = Image.new("L", size, 255)
    if before == after:
        mask.paste(0, (0, 0, *common))
    else:
        levels = round(min(1.0, max(0.0, tolerance)) * 255)
        one, two = first.crop((0, 0, *common)), second.crop((0, 0, *common))
        for top in range(0, common[1], ROWS):
            mask.paste(changed_rows(one, two, top, levels), (0, top))
    if first.width != second.width and first.height != second.height:
        # A corner that neither picture covers.
        mask.paste(0, (common[0], common[1], *size))
        for picture in (first, second):
            if picture.width > common[0] and picture.height > common[1]:
                mask.paste(255, (common[0], common[1], *picture.size))
    compared = Image.new("L", size, 255)
    draw = ImageDraw.Draw(compared)
    for x, y, width, height in ignore:
        if width > 0 and height > 0:
            # Pillow refuses a rectangle that ends before it begins, as one below a pixel would.
            draw.rectangle((x, y, max(x, x + width - 1), max(y, y + height - 1)), fill=0)
    mask = ImageChops.darker(mask, compared)
    boxes = boxes_of(mask)
    largest = sorted(boxes, key=lambda box: box[2] * box[3], reverse=True)[:MAX_BOXES]
    return Comparison(
        first.size,
        second.size,
        mask.histogram()[255],
        compared.histogram()[255],
        tuple(sorted(largest, key=lambda box: (box[1], box[0]))),
        len(boxes),
        after,
        as_png(mask),
    )
