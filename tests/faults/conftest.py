"""The faults happen inside the confined image, which the fixtures of tests/lambda bring up."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda"))

from emulated_fixtures import confined, engine, image, pytest_collection_modifyitems, pytest_configure, rie

__all__ = ["confined", "engine", "image", "pytest_collection_modifyitems", "pytest_configure", "rie"]
