"""Every bench can be imported: a renamed name would otherwise be noticed only by whoever measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "tests/bench").glob("*.py") if path.stem != "__main__")


@pytest.mark.parametrize("name", MODULES)
def test_a_bench_can_be_imported(name: str) -> None:
    # As `python -m tests.bench` does, which the tests' own paths differ from.
    run = subprocess.run([sys.executable, "-c", f"import tests.bench.{name}"], cwd=ROOT, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()
    assert len(MODULES) > 15
