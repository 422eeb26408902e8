"""Makes the fixtures of these stages known; the fault tests share them."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from emulated_fixtures import confined, engine, image, on_host, rie

__all__ = ["confined", "engine", "image", "on_host", "rie"]


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Building an image and starting browsers takes longer than the suite's usual limit."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(600))
