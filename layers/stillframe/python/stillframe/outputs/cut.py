"""Fit a picture into a number of pixels, and cut a tall one into tiles that are still legible."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from ..options import Options, option


class Tiles(Options):
    """How a picture is cut from top to bottom; sizes are pixels of the finished tiles."""

    height: Annotated[int, Field(ge=100, le=16_000)] = 1_500
    overlap: Annotated[int, Field(ge=0, le=99)] = 0
    first: Annotated[int, Field(ge=1, le=10_000)] = 1
    count: Annotated[int, Field(ge=1, le=100)] = 20


class CutOptions(Options, group="image"):
    max_pixels: int | None = option(
        None,
        "Scale the picture down to at most so many pixels; with `tiles`, each tile.",
        ge=1_000,
        le=100_000_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    tiles: Tiles | None = option(
        None,
        "Cut a picture that is higher than `{height}` pixels into numbered tiles, which are returned as"
        " several `outputs` are: `count` of them from number `first`, each beginning with the last `overlap`"
        " pixels of the one before. A picture that fits `max_pixels` in one piece is not cut.",
        shareable=True,
        linkable=True,
        per_output=True,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of the whole picture in pixels, and the rows [top, bottom) of each tile that is wanted.

    `first` is the number of the first of them, `total` that of all tiles; without tiles `rows` is empty.
    """

    size: tuple[int, int]
    rows: list[tuple[int, int]]
    first: int = 1
    total: int = 1


def plan(size: tuple[int, int], options: CutOptions) -> Plan:
    """How a picture of this size in pixels is scaled and cut."""
    width, height = size
    budget, tiles = options.max_pixels, options.tiles
    whole = 1.0 if budget is None else min(1.0, math.sqrt(budget / (width * height)))
    if tiles is None:
        return Plan(_scaled(size, whole), [])
    scale = 1.0 if budget is None else min(1.0, budget / (width * tiles.height))
    if height * scale <= tiles.height:
        # The whole picture fits at this scale or a larger one.
        size = _scaled(size, whole)
        return Plan(size, [(0, size[1])] if tiles.first == 1 else [])
    width, height = size = _scaled(size, scale)
    step = tiles.height - tiles.overlap
    total = max(1, math.ceil((height - tiles.overlap) / step))
    numbers = range(tiles.first, min(total, tiles.first + tiles.count - 1) + 1)
    rows = [((n - 1) * step, min(height, (n - 1) * step + tiles.height)) for n in numbers]
    return Plan(size, rows, tiles.first, total)


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    if scale >= 1:
        return size
    return max(1, math.floor(size[0] * scale)), max(1, math.floor(size[1] * scale))
