"""`png_effort: small` changes no pixel, adds no bytes, and returns the original when the tool fails."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image, ImageDraw

from stillframe.deadline import Deadline
from stillframe.outputs import optimise, worker_process
from stillframe.outputs.convert import convert
from stillframe.outputs.image import Image as ImageOutput
from stillframe.outputs.screenshot import Shot
from stillframe.request import parse

from .images import shot


def page(mode: str, *, noise: bool = False) -> bytes:
    """An image like a screenshot, at the compression level of the browser."""
    picture = (
        Image.effect_noise((120, 90), 60).convert(mode) if noise else Image.new(mode, (120, 90), "white")
    )
    draw = ImageDraw.Draw(picture)
    for row in range(5, 80, 12):
        draw.rectangle(
            (8, row, 100 - row // 2, row + 6),
            fill=(row * 3, 40, 200 - row, 255 if row % 2 else 90)[: len(mode)],
        )
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


PAGES = [page("RGB"), page("RGBA"), page("RGB", noise=True), page("RGBA", noise=True)]


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).convert("RGBA").tobytes()


@pytest.fixture(params=["oxipng", "pillow"])
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pillow":
        monkeypatch.setattr(optimise, "_has_oxipng", lambda: False)
    elif sys.version_info >= (3, 14):
        pytest.skip("oxipng has no wheel for this Python")
    return str(request.param)


@pytest.mark.parametrize("data", PAGES, ids=["rgb", "rgba", "noise", "noise-rgba"])
def test_the_pixels_are_unchanged_in_fewer_bytes(tool: str, data: bytes) -> None:
    done = convert(shot(data), parse({"html_content": "<p>", "png_effort": "small"}), "png")
    assert pixels(done.data) == pixels(data)
    assert len(done.data) <= len(data)
    incompressible = tool == "pillow" and len(data) > 9_000  # noise
    assert len(done.data) < len(data) or incompressible
    assert (done.format, done.width, done.height) == ("png", 120, 90)


def test_an_optimised_image_is_returned_unchanged(tool: str) -> None:
    small = optimise.smaller(page("RGB"))
    assert optimise.smaller(small) == small


def test_a_resized_image_is_optimised_too(tool: str) -> None:
    options = {"html_content": "<p>", "resize": {"width": 60}}
    fast, small = (
        convert(shot(PAGES[0]), parse(options | {"png_effort": e}), "png") for e in ("fast", "small")
    )
    assert pixels(small.data) == pixels(fast.data)
    assert len(small.data) < len(fast.data)


def test_an_image_is_optimised_on_request_only() -> None:
    request = parse({"html_content": "<p>"})
    assert ImageOutput().encode(Shot([PAGES[0]], "png", [(120, 90)]), request, "png").data is PAGES[0]


@pytest.mark.parametrize("what", ["slow", "missing", "broken", "wrong"])
def test_the_original_is_returned_when_the_tool_fails(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if what == "slow":
        monkeypatch.setattr(optimise, "_SECONDS", 0.0)
    elif what == "missing":
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
    elif what == "broken":
        monkeypatch.setattr(worker_process, "_PROGRAM", "raise SystemExit(1)")
    else:
        monkeypatch.setattr(worker_process, "_PROGRAM", "import sys; sys.stdout.write('half a pict')")
    assert optimise.smaller(PAGES[0]) == PAGES[0]


def test_the_original_is_returned_shortly_before_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_PROGRAM", "import time; time.sleep(60)")
    deadline = Deadline.after(0.5)
    with worker_process.ending_with(deadline):
        assert optimise.smaller(PAGES[0]) == PAGES[0]
    assert deadline.remaining() > 0
