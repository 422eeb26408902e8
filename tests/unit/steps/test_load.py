"""Patterns for HTTP statuses."""

from __future__ import annotations

import pytest

from stillframe.steps.load import status_matches


@pytest.mark.parametrize(
    ("status", "patterns", "hit"),
    [
        (404, ["404"], True),
        (404, ["4xx"], True),
        (404, ["400-499"], True),
        (404, ["500-599", "403"], False),
        (503, ["5XX"], True),
        (200, ["4xx", "5xx"], False),
        (404, ["40"], False),
        (404, ["4-x"], False),
    ],
)
def test_statuses_match_patterns(status: int, patterns: list[str], hit: bool) -> None:
    assert status_matches(status, patterns) is hit
