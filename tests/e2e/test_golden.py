"""Golden images: pages without text, compared with committed pictures; `--write-goldens` makes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cases import SMALL
from entries import in_process
from look import picture
from origins import Origins
from PIL import Image, ImageChops

GOLDEN = Path(__file__).parent / "golden"
KINDS = Path(__file__).parent / "site" / "kinds"
# Share of pixels that may differ by more than the tolerance of a channel: edges of curves and gradients.
TOLERANCE, SHARE = 12, 0.002

PICTURES: dict[str, dict[str, Any]] = {
    "shapes": {"url": "%main%/shapes.html"},
    "shapes-dense": {"url": "%main%/shapes.html", "pixel_density": 2},
    "shapes-transparent": {"url": "%main%/shapes.html", "omit_background": True},
    "shapes-dark": {"url": "%main%/shapes.html", "dark_mode": True},
    "tall": {"url": "%main%/tall.html", "full_page": True},
    "tall-phone": {"url": "%main%/tall.html", "full_page": True, "is_mobile": True},
    "scroller": {"url": "%main%/scroller.html", "full_page": True, "expand_scrollers": True},
}
# Pages of one kind each, whole; with the options that the page is about.
ABOUT: dict[str, dict[str, Any]] = {
    "dark_scheme": {"dark_mode": True},
    "forced_colors": {"forced_colors": True},
    "reduced_motion": {"reduced_motion": True},
    "print_only": {"media_type": "print"},
    "rtl_wide": {"full_page_width": "content"},
    "dialog_open": {"full_page": False},
}
PICTURES |= {
    f"kinds-{file.stem}": {"url": f"%main%/kinds/{file.name}", "full_page": True} | ABOUT.get(file.stem, {})
    for file in sorted(KINDS.iterdir())
}


def different(a: Image.Image, b: Image.Image) -> float:
    """Share of the pixels whose largest channel differs by more than the tolerance."""
    bands = ImageChops.difference(a.convert("RGBA"), b.convert("RGBA")).split()
    worst = bands[0]
    for band in bands[1:]:
        worst = ImageChops.lighter(worst, band)
    return sum(worst.histogram()[TOLERANCE + 1 :]) / (a.width * a.height)


@pytest.mark.parametrize("name", list(PICTURES))
def test_the_picture_is_the_golden_one(
    name: str, site: Origins, deployed: object, request: pytest.FixtureRequest
) -> None:
    shot = picture(in_process(site.fill(SMALL | PICTURES[name])))
    file = GOLDEN / f"{name}.png"
    if request.config.getoption("write_goldens"):
        GOLDEN.mkdir(exist_ok=True)
        shot.save(file, optimize=True)
    golden = Image.open(file)
    assert shot.size == golden.size
    assert different(shot, golden) <= SHARE


def test_the_comparison_sees_a_difference() -> None:
    golden = Image.open(GOLDEN / "shapes.png")
    moved = ImageChops.offset(golden, 2, 0)
    assert different(golden, moved) > SHARE
    assert different(golden, golden) == 0
