"""The price tables of the deployment page say what was measured, and nothing was typed into them."""

from __future__ import annotations

import pytest
from bench import prices
from bench.results import FOLDER


def test_a_capture_costs_its_memory_and_time_and_the_request() -> None:
    """One second at one gigabyte, a thousand times; twice the memory for half the time is the same money."""
    assert prices.thousand(1000, 1024) == pytest.approx(0.0168667)
    assert prices.thousand(500, 2048) == pytest.approx(prices.thousand(1000, 1024))
    assert prices.thousand(1000, 1024, "arm64") < 0.81 * prices.thousand(1000, 1024)


def test_standing_costs() -> None:
    """An environment of 2 GB costs about 22 USD a month, and pays for itself when it works three fifths of the time."""
    assert prices.ready(2048) == pytest.approx(21.6, abs=0.01)
    assert prices.busy_share() == pytest.approx(0.6, abs=0.001)
    assert prices.busy_share("arm64") == pytest.approx(0.6, abs=0.001)


def test_the_page_holds_the_newest_result() -> None:
    """A figure changed by hand, or a result that was kept without drawing the page, shows here."""
    result = FOLDER / "price.json"
    if not result.exists():
        result = FOLDER / "price.quick.json"
    assert prices.drawn(result) == prices.PAGE.read_text()
