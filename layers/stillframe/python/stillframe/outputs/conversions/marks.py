"""Numbered marks on a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image as Pillow

# Strong colours on which white digits are legible (contrast above 4.5 to 1).
_COLOURS = ("#c2185b", "#1558c0", "#a84300", "#0b6e4f", "#6a1fb5", "#5d4037")


# Left, top, right and bottom in pixels.
Rectangle = tuple[float, float, float, float]


def draw_marks(picture: Pillow.Image, marks: list[list[float]], unit: float) -> Pillow.Image:
    """The picture with a frame around each rectangle and its number beside it.

    unit: how many of its pixels become one of the finished picture.
    """
    from PIL import ImageDraw, ImageFont

    picture = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")
    draw = ImageDraw.Draw(picture)
    line, font = max(1, round(1.5 * unit)), ImageFont.load_default(size=max(9.0, 11 * unit))
    boxes = [(x, y, x + width, y + height) for _, x, y, width, height in marks]
    taken: list[Rectangle] = []
    for number, x, y, width, height in marks:
        colour = _COLOURS[int(number) % len(_COLOURS)]
        draw.rectangle((x, y, max(x, x + width - 1), max(y, y + height - 1)), outline=colour, width=line)
        left, top, right, bottom = draw.textbbox((0, 0), str(int(number)), font=font)
        wide, high = right - left + 4 * unit, bottom - top + 3 * unit
        label = _free_place((x, y, width, height), (wide, high), picture.size, taken, boxes)
        taken.append(label)
        draw.rectangle(label, fill=colour)
        draw.text((label[0] + 2 * unit - left, label[1] + 1.5 * unit - top), str(int(number)), "white", font)
    return picture


def _free_place(
    box: tuple[float, float, float, float],
    size: tuple[float, float],
    within: tuple[int, int],
    taken: list[Rectangle],
    others: list[Rectangle],
) -> Rectangle:
    """The place beside or in a box where a label covers the least of other labels and boxes."""
    (x, y, width, height), (wide, high) = box, size
    corners = [
        (x, y - high),
        (x - wide, y),
        (x + width, y),
        (x + width - wide, y - high),
        (x, y + height),
        (x + width - wide, y + height),
        (x, y),
        (x + width - wide, y + height - high),
    ]

    def covered(place: Rectangle, other: Rectangle) -> float:
        across = min(place[2], other[2]) - max(place[0], other[0])
        down = min(place[3], other[3]) - max(place[1], other[1])
        return across * down if across > 0 and down > 0 else 0.0

    def cost(place: Rectangle) -> float:
        labels = sum(covered(place, label) for label in taken)
        return 5 * labels + sum(covered(place, other) for other in others)

    places = []
    for corner in corners:
        left = min(max(0.0, corner[0]), max(0.0, within[0] - wide))
        top = min(max(0.0, corner[1]), max(0.0, within[1] - high))
        places.append((left, top, left + wide, top + high))
    return min(places, key=cost)
