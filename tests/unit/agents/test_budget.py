"""What fits into a number of tokens."""

from __future__ import annotations

import pytest

from stillframe.agents import budget
from stillframe.outputs.cut import plan
from stillframe.request import parse


@pytest.mark.parametrize("width", [320, 390, 1280, 1920, 3840])
@pytest.mark.parametrize("tokens", [100, 400, 1_300, 5_000, 20_000])
@pytest.mark.parametrize("height", [200, 3_000, 60_000])
def test_pictures_never_cost_more_than_their_tokens(width: int, tokens: int, height: int) -> None:
    tiling = budget.tiling(tokens, width)
    request = parse(
        {
            "html_content": "x",
            "max_pixels": tiling.pixels,
            "tiles": {"height": tiling.height, "overlap": budget.OVERLAP, "count": tiling.count},
        }
    )
    found = plan((width, height), request)
    assert found.rows
    cost = sum(budget.of_picture(found.size[0], bottom - top) for top, bottom in found.rows)
    # Each picture is rounded up to a whole token.
    assert cost <= tokens + len(found.rows)
    assert all(bottom - top <= budget.LONGEST_SIDE for top, bottom in found.rows)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_tall_page_is_shown_at_a_legible_scale(width: int) -> None:
    tiling = budget.tiling(1_300, width)
    tiles = {"height": tiling.height, "count": 1}
    found = plan((width, 20_000), parse({"html_content": "x", "max_pixels": tiling.pixels, "tiles": tiles}))
    assert found.size[0] >= 0.6 * width - 1


@pytest.mark.parametrize("text", ["a line\n" * 400, "word " * 2_000, "漢字" * 1_000, "x" * 9_000])
def test_the_parts_of_a_text_are_the_text(text: str) -> None:
    parts, at = list[str](), 0
    while at < len(text):
        part = budget.beginning(text[at:], 150)
        assert part
        assert budget.of_text(part) <= 150
        parts.append(part)
        at += len(part)
    assert "".join(parts) == text
    assert len(parts) > 3


def test_lines_are_never_fewer_than_one() -> None:
    assert budget.lines_within(["x" * 900, "y"], 10) == ["x" * 900]
    assert budget.lines_within(["ab"] * 10, 3) == ["ab"] * 3
