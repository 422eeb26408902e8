"""What the pipeline tells the supervisor of the bytes that a browser's driver has carried."""

from __future__ import annotations

import pytest

from stillframe import pipeline
from stillframe.outputs.screenshot import Shot


@pytest.mark.parametrize(
    ("raw", "size"),
    [
        (Shot([b"12345", b"678"], "png", [(1, 1), (1, 1)], 100, 1.0), 8),
        (b"12345", 5),
        ("12345", 5),
        (None, 0),
    ],
)
def test_every_picture_of_a_result_counts(raw: object, size: int) -> None:
    assert pipeline._size(raw) == size
