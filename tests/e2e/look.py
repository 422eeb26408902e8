"""Assertions about a response: colours, sizes, pages, warnings."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from entries import Answer
from PIL import Image
from pypdf import PdfReader

Colour = tuple[int, ...]
GREEN, RED, BLUE, WHITE, BLACK = (0, 160, 0), (200, 0, 0), (0, 0, 200), (255, 255, 255), (0, 0, 0)
YELLOW, GREY, CYAN, MAGENTA, PURPLE = (
    (255, 255, 0),
    (128, 128, 128),
    (0, 200, 200),
    (255, 0, 255),
    (120, 0, 120),
)
MAGIC = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff",
    "webp": b"RIFF",
    "pdf": b"%PDF-",
    "zip": b"PK\x03\x04",
}


def picture(answer: Answer | bytes) -> Image.Image:
    """The image, decoded whole."""
    data = answer if isinstance(answer, bytes) else answer.data
    if isinstance(answer, Answer):
        assert answer.status == 200, (answer.status, answer.json or answer.data[:300])
    image: Image.Image = Image.open(io.BytesIO(data))
    image.load()
    return image


def at(image: Image.Image, x: int, y: int, colour: Colour, tolerance: int = 0) -> None:
    """The pixel has the colour."""
    found = image.convert("RGBA" if len(colour) == 4 else "RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    assert all(abs(a - b) <= tolerance for a, b in zip(found, colour, strict=True)), (
        f"({x}, {y}) is {found}, not {colour}"
    )


def is_format(image: Image.Image, format: str, width: int, height: int) -> None:
    assert image.format is not None
    assert (image.format.lower(), image.size) == (format, (width, height))


def pdf(answer: Answer) -> PdfReader:
    assert answer.status == 200, answer.json
    assert answer.data.startswith(MAGIC["pdf"])
    return PdfReader(io.BytesIO(answer.data))


def paper(reader: PdfReader, page: int = 0) -> tuple[float, float]:
    """Width and height in points."""
    box = reader.pages[page].mediabox
    return float(box.width), float(box.height)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a text of a PDF lies, in points from the left and from the bottom; `size` is that of its font."""

    left: float
    bottom: float
    size: float

    @property
    def top(self) -> float:
        return self.bottom + self.size


def placed(reader: PdfReader, page: int = 0) -> dict[str, Placed]:
    """The texts of a page, each where it was written first."""
    found: dict[str, Placed] = {}

    def visit(text: str, outer: list[float], inner: list[float], _: object, size: float) -> None:
        (a, b, c, d, e, f), (x, y) = outer, inner[4:]
        place = Placed(a * x + c * y + e, b * x + d * y + f, round(size * abs(inner[3] * d), 2))
        found.setdefault(text.strip(), place)

    reader.pages[page].extract_text(visitor_text=visit)
    return found


def archive(answer: Answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def failed(answer: Answer, status: int, code: str, *words: str) -> None:
    """An honest error: its status and code, and the words that help."""
    assert (answer.status, answer.code) == (status, code), (answer.status, answer.json or answer.data[:200])
    for word in words:
        assert word in answer.message, f"{word!r} is not in {answer.message!r}"
    for word in ("Protocol error", "Page.", "Runtime."):
        assert word not in answer.message, f"DevTools speaks in {answer.message!r}"


def warned(answer: Answer, *codes: str) -> None:
    assert set(codes) <= set(answer.warnings), answer.warnings


def calm(answer: Answer) -> None:
    """Nothing to warn of."""
    assert answer.warnings == [], answer.warnings


def details(answer: Answer) -> list[dict[str, Any]]:
    return list(answer.json["error_details"])
