"""Every bench can be imported: a renamed name would otherwise be noticed only by whoever measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "tests/bench").glob("*.py") if path.stem != "__main__")

IMPORT = """
import importlib, sys, traceback
failed = 0
for name in sys.argv[1:]:
    try:
        importlib.import_module(f"tests.bench.{name}")
    except Exception:
        traceback.print_exc()
        failed = 1
sys.exit(failed)
"""


def test_every_bench_can_be_imported() -> None:
    # As `python -m tests.bench` does, which the tests' own paths differ from.
    run = subprocess.run([sys.executable, "-c", IMPORT, *MODULES], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert len(MODULES) > 15
