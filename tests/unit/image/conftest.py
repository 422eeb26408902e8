"""Makes `functions.image` importable: the tools of the image's build are no part of the package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
