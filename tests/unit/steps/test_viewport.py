"""The viewport that a capture sets, and the one that the page of the next capture is given ahead."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from stillframe.request import parse
from stillframe.steps.viewport import set_viewport, worth_preparing

from .devtools import Commands, session_with


def after(
    options: dict[str, Any], prepared: dict[str, Any] | None = None
) -> tuple[list[tuple[str, Any]], dict[str, Any] | None]:
    """What a capture sends to a page that was prepared with these metrics, and those in force afterwards."""
    commands = Commands()
    session = session_with(commands, prepared)
    asyncio.run(set_viewport(session, parse({"url": "https://example.com/"} | options)))
    return commands.sent, session.device_metrics


def test_a_viewport_that_the_page_was_prepared_with_is_not_sent_again() -> None:
    sent, metrics = after({"window_width": 800})
    assert sent == [("Emulation.setDeviceMetricsOverride", metrics)]
    assert metrics is not None
    assert metrics["width"] == 800
    assert after({"window_width": 800}, metrics) == ([], metrics)


def test_another_viewport_replaces_that_of_the_prepared_page() -> None:
    _, prepared = after({"window_width": 800})
    sent, metrics = after({"window_width": 801}, prepared)
    assert metrics is not None
    assert metrics["width"] == 801
    assert sent == [("Emulation.setDeviceMetricsOverride", metrics)]


@pytest.mark.parametrize(("density", "ahead"), [(1, True), (2, False)])
def test_a_large_viewport_is_not_set_ahead(density: int, ahead: bool) -> None:
    _, metrics = after({"window_width": 1920, "window_height": 1080, "pixel_density": density})
    assert worth_preparing(metrics) == (metrics if ahead else None)


def test_a_page_without_a_viewport_says_nothing_of_the_next() -> None:
    assert worth_preparing(None) is None
