"""The commands of docs/first-deployment.md use outputs, options and scripts that exist."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import pytest

from stillframe.options import facets_of
from stillframe.request import CaptureRequest

from .conftest import ROOT

PAGE = (ROOT / "docs" / "first-deployment.md").read_text(encoding="utf-8")


def test_every_output_that_it_reads_exists(template: dict[str, Any]) -> None:
    used = set(re.findall(r"(?:\$\(|^)output (\w+)", PAGE, re.M))
    assert len(used) > 6
    assert used <= set(template["Outputs"])


def test_every_option_that_it_gives_exists() -> None:
    known = set(facets_of(CaptureRequest))
    queries = re.findall(r"/capture\?([^\"\s`…]+)\"", PAGE)
    assert len(queries) > 4
    assert {name for query in queries for name, _ in parse_qsl(query)} <= known


@pytest.mark.parametrize("name", ["README.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))])
def test_scripts_run_where_their_packages_are(name: str) -> None:
    """The Python on the PATH has no boto3: a script is a target of make, or names the virtual environment."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.findall(r"(?<![\w/.])python3? scripts/\w+\.py", text)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", text, re.M)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }


def test_every_script_that_it_runs_is_a_target() -> None:
    used = re.findall(r"^make ([a-z-]+)", PAGE, re.M)
    assert {"preflight", "redrive"} <= set(used)


@pytest.mark.parametrize("name", ["README.md", "docs/deploy.md", "docs/operations.md"])
def test_it_is_found(name: str) -> None:
    assert "first-deployment.md" in (ROOT / name).read_text(encoding="utf-8")
