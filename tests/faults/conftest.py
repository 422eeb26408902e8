"""The faults happen inside the confined image, which the fixtures of tests/lambda bring up."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda"))

import pytest
from emulated_fixtures import confined, engine, image, rie

__all__ = ["confined", "engine", "image", "rie"]


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Building an image and thawing a sandbox takes longer than the suite's usual limit."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(600))
