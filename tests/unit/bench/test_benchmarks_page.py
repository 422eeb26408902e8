"""The page of the benchmarks shows the results that are kept."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_page_is_generated_from_the_newest_results() -> None:
    # As `python -m tests.bench` does, which the tests' own paths differ from.
    code = "from tests.bench import results; print(results.PAGE.read_text() == results.page())"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "True\n", "write it anew: make bench"
