"""Makes the fixtures of these stages known; the fault tests share them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from emulated_fixtures import (
    confined,
    engine,
    image,
    on_host,
    pytest_collection_modifyitems,
    pytest_configure,
    rie,
)

__all__ = [
    "confined",
    "engine",
    "image",
    "on_host",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "rie",
]
