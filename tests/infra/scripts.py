"""The files under scripts/ and docs/tools/, which belong to no package, as modules."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from .conftest import ROOT


def script(name: str, folder: str = "scripts") -> Any:
    """One script, loaded once a call."""
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and NamedTuple look their module up
    spec.loader.exec_module(module)
    return module
