"""How many tokens an answer costs, and what fits.

A picture costs an agent about one token for each 750 pixels, as Anthropic documents for Claude
(https://docs.claude.com/en/docs/build-with-claude/vision): width × height / 750, up to about 1,600 tokens
and 1,568 px a side, above which a picture is scaled down before the model sees it. Text is counted as one
token for three bytes of UTF-8, which is more than English, code or Chinese cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

PIXELS_PER_TOKEN = 750
LONGEST_SIDE = 1_568
_PICTURE_TOKENS = 1_500
_BYTES_PER_TOKEN = 3
# The scale at which the text of most pages, 14 to 16 CSS pixels high, can still be read.
LEGIBLE = 0.6
# Tokens of the words around what was asked for.
WORDS = 300
# Pixels that a tile repeats of the one above, so that no line of text is only seen in halves.
OVERLAP = 24


@dataclass(frozen=True, slots=True)
class Tiling:
    """How many tiles are returned, and the pixels and the height that each may have."""

    count: int
    pixels: int
    height: int


def of_picture(width: int, height: int) -> int:
    """The tokens of a picture of this size in pixels."""
    return math.ceil(width * height / PIXELS_PER_TOKEN)


def of_text(text: str) -> int:
    """The tokens of a text, rather too many than too few."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)


def tiling(tokens: int, window_width: int) -> Tiling:
    """Tiles for pictures that cost so many tokens in all, of a page that is so many pixels wide."""
    count = math.ceil(tokens / _PICTURE_TOKENS)
    pixels = tokens * PIXELS_PER_TOKEN // count
    return Tiling(count, pixels, min(LONGEST_SIDE, max(100, math.floor(pixels / (LEGIBLE * window_width)))))


def beginning(text: str, tokens: int) -> str:
    """As much of a text as costs so many tokens, whole lines if possible."""
    data = text.encode("utf-8", "replace")
    if len(data) <= tokens * _BYTES_PER_TOKEN:
        return text
    part = data[: tokens * _BYTES_PER_TOKEN].decode("utf-8", "ignore")
    whole = part.rfind("\n") + 1
    return part[:whole] if whole > len(part) // 2 else part


def lines_within(lines: list[str], tokens: int) -> list[str]:
    """The first lines that cost so many tokens together, at least one."""
    kept, left = list[str](), tokens * _BYTES_PER_TOKEN
    for line in lines:
        left -= len(line.encode("utf-8", "replace")) + 1
        if left < 0 and kept:
            break
        kept.append(line)
    return kept
