"""Results that are cached, and results that are not."""

from __future__ import annotations

import asyncio

import pytest

from stillframe.delivery.cache import is_cacheable, look_up, store
from stillframe.request import parse
from stillframe.result import Artifact, CaptureReport, CaptureResult
from stillframe.settings import settings
from stillframe.storage.memory import MemoryStorage
from stillframe.verdict import Finding, Verdict


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


def test_a_cached_result_keeps_its_verdict() -> None:
    request = parse({"url": "https://a.example/", "cache": True})
    storage = MemoryStorage("memory:")
    made = result(1)
    made.report.verdict = Verdict([Finding("banner", "A consent banner can be seen.")])

    async def twice() -> CaptureResult | None:
        await store("key", made, storage)
        return await look_up("key", request, storage, settings())

    found = asyncio.run(twice())
    assert found is not None
    assert found.report.verdict.to_json() == made.report.verdict.to_json()
