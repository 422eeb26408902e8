"""The price tables of the deployment page are generated from the measured results."""

from __future__ import annotations

import pytest
from bench import prices
from bench.results import FOLDER


def test_the_price_of_a_capture_is_memory_times_duration_plus_the_request() -> None:
    """One second at one gigabyte, a thousand times; twice the memory for half the time costs the same."""
    assert prices.thousand(1000, 1024) == pytest.approx(0.0168667)
    assert prices.thousand(500, 2048) == pytest.approx(prices.thousand(1000, 1024))
    assert prices.thousand(1000, 1024, "arm64") < 0.81 * prices.thousand(1000, 1024)


def test_the_price_of_provisioned_concurrency() -> None:
    """A provisioned environment of 2 GB costs about 22 USD a month, and pays off above 60% utilisation."""
    assert prices.ready(2048) == pytest.approx(21.6, abs=0.01)
    assert prices.busy_share() == pytest.approx(0.6, abs=0.001)
    assert prices.busy_share("arm64") == pytest.approx(0.6, abs=0.001)


def test_the_page_shows_the_newest_result() -> None:
    """Fails when a figure was edited by hand, or a result was stored without generating the page."""
    result = FOLDER / "price.json"
    if not result.exists():
        result = FOLDER / "price.quick.json"
    assert prices.drawn(result) == prices.PAGE.read_text()
