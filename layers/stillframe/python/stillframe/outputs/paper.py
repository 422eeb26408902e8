"""Paper sizes, lengths and margins of a PDF, in the spellings of CSS and of other services."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

# https://www.w3.org/TR/css-values-4/#absolute-lengths
_TO_PX = {"px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6, "pt": 96 / 72, "pc": 16.0}
# Patterns are compiled on first use: at import, they would be at every cold start.
_LENGTH = r"(?ai)\+?(\d+\.?\d*|\.\d+)\s*([a-z]*)"
_UNIT_APART = r"(?i)(?<=[\d.])\s+(?=(?:px|in|cm|mm|q|pt|pc)\b)"
_ORIENTATION = r"(?i)[\s_,-]*(?<![a-z])(landscape|portrait)(?![a-z])[\s_,-]*"
# The largest side of a PDF page in CSS pixels: 200 inches (ISO 32000-1, annex C).
MAX_SIDE = 19_200
SIDES = ("top", "right", "bottom", "left")
PaperName = Literal[
    "Letter",
    "Legal",
    "Tabloid",
    "Ledger",
    "A0",
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
    "A6",
    "B4",
    "B5",
    "JIS-B4",
    "JIS-B5",
]
_NAMES = {name.lower(): name for name in get_args(PaperName)}
# Width and height in portrait. Ledger is wider than high, as in Puppeteer and Playwright.
SIZES: dict[PaperName, tuple[str, str]] = {
    "Letter": ("8.5in", "11in"),
    "Legal": ("8.5in", "14in"),
    "Tabloid": ("11in", "17in"),
    "Ledger": ("17in", "11in"),
    "A0": ("841mm", "1189mm"),
    "A1": ("594mm", "841mm"),
    "A2": ("420mm", "594mm"),
    "A3": ("297mm", "420mm"),
    "A4": ("210mm", "297mm"),
    "A5": ("148mm", "210mm"),
    "A6": ("105mm", "148mm"),
    "B4": ("250mm", "353mm"),
    "B5": ("176mm", "250mm"),
    "JIS-B4": ("257mm", "364mm"),
    "JIS-B5": ("182mm", "257mm"),
}


@dataclass(slots=True)
class Paper:
    """Width, height and margins in CSS pixels; `named` are the sides whose margin the page may not change."""

    width: float
    height: float
    margins: dict[str, float]
    named: set[str]

    def grow(self, pages: int) -> bool:
        """Make the paper as high as the content that took several pages; False when it cannot be higher."""
        before, self.height = self.height, min(MAX_SIDE, self.height * pages)
        return self.height > before

    def arguments(self) -> dict[str, Any]:
        """The arguments of Playwright's `page.pdf`."""
        return {
            "width": f"{self.width:.4f}px",
            "height": f"{self.height:.4f}px",
            "margin": {side: f"{length:.4f}px" for side, length in self.margins.items()},
        }


def to_px(length: str) -> float:
    """A length in CSS pixels. Raises ValueError."""
    number, unit = _split(length)
    return number * _TO_PX[unit]


def _split(length: str) -> tuple[float, str]:
    """Number and unit of a length. Raises ValueError."""
    match = re.fullmatch(_LENGTH, length.strip())
    unit = (match[2] or "px").lower() if match else ""
    if match is None or unit not in _TO_PX:
        raise ValueError(f"{length[:40]!r} is not a length with one of the units {', '.join(_TO_PX)}")
    return float(match[1]), unit


def length_text(value: Any) -> Any:
    """A length as a text with its unit: `.5in` becomes `0.5in`, and 20 becomes `20px`. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value).strip()
    if to_px(text) > MAX_SIDE:
        raise ValueError(f"{text[:40]!r} is longer than {MAX_SIDE} px (200 in)")
    number, unit = _split(text)
    return f"{number:.15g}{unit}"


def side_text(value: Any) -> Any:
    """The length of one side of the paper. Raises ValueError for one below 1 px."""
    text = length_text(value)
    if isinstance(text, str) and to_px(text) < 1:
        raise ValueError("the paper must be at least 1 px on each side")
    return text


def margins_text(value: Any) -> Any:
    """Margins as one to four lengths in the order of CSS. Raises ValueError.

    Accepts a length, a CSS shorthand such as `1cm 2cm`, `none`, and an object with top, right, bottom, left.
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("not valid JSON") from None
    if isinstance(value, dict):
        if unknown := set(value) - set(SIDES):
            raise ValueError(f"{min(map(str, unknown))[:40]!r} is not one of {', '.join(SIDES)}")
        lengths = [length_text(0 if value.get(side) is None else value[side]) for side in SIDES]
        if not all(isinstance(each, str) for each in lengths):
            raise ValueError("each side must be a length")
        return " ".join(lengths)
    if not isinstance(value, str):
        return length_text(value)
    if value.strip().lower() == "none":
        return "0px"
    lengths = [length_text(part) for part in re.sub(_UNIT_APART, "", value).split()]
    if not 1 <= len(lengths) <= 4:
        raise ValueError("must be one to four lengths, such as `1cm` or `1cm 2cm`")
    return " ".join(lengths)


def margin_sides(margins: str) -> dict[str, str]:
    """The four sides of one to four lengths in the order of CSS."""
    top, *rest = margins.split()
    right = rest[0] if rest else top
    bottom = rest[1] if len(rest) > 1 else top
    left = rest[2] if len(rest) > 2 else right
    return {"top": top, "right": right, "bottom": bottom, "left": left}


def expand_size(options: dict[str, Any]) -> dict[str, Any]:
    """The options with a paper size in its name, or two lengths, and an orientation given with it apart.

    `a4` becomes `A4`, `A4 landscape` sets `pdf_landscape`, `8.5in 11in` sets `pdf_width` and `pdf_height`.
    """
    size = options.get("pdf_format")
    if not isinstance(size, str):
        return options
    turned = re.findall(_ORIENTATION, size)
    # `8.5 in x 11 in` is two lengths.
    text = re.sub(_UNIT_APART, "", re.sub(_ORIENTATION, " ", size.lower())).replace(" x ", " ")
    out, words = dict(options), text.split()
    if len(turned) == 1:
        out.setdefault("pdf_landscape", turned[0].lower() == "landscape")
    if (name := "-".join(words)) in _NAMES and len(turned) < 2:
        out["pdf_format"] = _NAMES[name]
    elif len(words) == 2 and all(re.fullmatch(_LENGTH, word) for word in words):
        del out["pdf_format"]
        out = {"pdf_width": words[0], "pdf_height": words[1]} | out
    else:
        return options
    return out


Length = Annotated[str, BeforeValidator(length_text, json_schema_input_type=str | float)]
PaperSide = Annotated[str, BeforeValidator(side_text, json_schema_input_type=str | float)]
Margins = Annotated[
    str, BeforeValidator(margins_text, json_schema_input_type=str | float | dict[str, str | float])
]
