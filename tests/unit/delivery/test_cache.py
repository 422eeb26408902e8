"""Results that are cached, and results that are not."""

from __future__ import annotations

import pytest

from stillframe.delivery.cache import is_cacheable
from stillframe.result import Artifact, CaptureReport, CaptureResult


def result(size: int, format: str = "png") -> CaptureResult:
    return CaptureResult(
        "id", Artifact(format, b"x" * size, "image/png", format), CaptureReport(), f"screenshot.{format}"
    )


@pytest.mark.parametrize(
    ("status", "warning", "cached"),
    [
        (200, None, True),
        (None, None, True),
        (304, "animation_running", True),
        (404, None, False),
        (503, None, False),
        (200, "load_timeout", False),
        (200, "wait_for_selector_timeout", False),
        (200, "network_busy", False),
        (200, "scroll_through_failed", False),
    ],
)
def test_only_complete_and_successful_results_are_cached(
    status: int | None, warning: str | None, cached: bool
) -> None:
    found = result(1)
    found.report.target.status = status
    if warning:
        found.report.warn(warning, "…")
    assert is_cacheable(found) is cached
