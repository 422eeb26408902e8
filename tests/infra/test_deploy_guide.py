"""The guide names only what the templates have."""

from __future__ import annotations

import json
import re
from typing import Any

from stillframe.settings import rows

from .conftest import ROOT, load

GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def test_every_output_that_the_guide_reads_exists(template: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\(output (\w+)\)", GUIDE))
    assert used
    assert used <= set(template["Outputs"])


def test_every_parameter_is_in_the_guide_and_the_other_way_round(template: dict[str, Any]) -> None:
    table = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", GUIDE, re.M)
    listed = {name for row in table for name in re.findall(r"`(\w+)`", row)}
    mentioned = set(re.findall(r"`(\w+?)(?:=[^`]*)?`", GUIDE))
    assert listed <= set(template["Parameters"])
    settings = {"".join(word.capitalize() for word in row.env.split("_")) for row in rows()}
    # The guide refers to docs/settings.md for the settings of the package; LogLevel explains itself.
    assert set(template["Parameters"]) - mentioned <= {"LogLevel"} | settings


def test_every_file_that_the_guide_deploys_exists() -> None:
    files = set(re.findall(r"infra/[\w.-]+\.(?:yaml|json)", GUIDE))
    assert {"infra/bulk.yaml", "infra/local.json"} <= files
    assert all((ROOT / name).is_file() for name in files)


def test_overrides_of_other_stacks_are_their_parameters() -> None:
    for name in ("waf", "bulk", "ci-role", "domain", "cdn"):
        block = re.search(rf"--template-file infra/{name}\.yaml.*?(?:```|\nsam )", GUIDE, re.S)
        assert block is not None
        given = set(re.findall(r"\b([A-Z]\w+)=", block.group()))
        assert given
        assert given <= set(load(ROOT / "infra" / f"{name}.yaml")["Parameters"]), name


def test_the_local_variables_are_declared(template: dict[str, Any]) -> None:
    shared = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for name, values in json.loads((ROOT / "infra" / "local.json").read_text(encoding="utf-8")).items():
        own = template["Resources"][name]["Properties"].get("Environment", {}).get("Variables", {})
        # `sam local` ignores what the template does not declare.
        assert set(values) <= shared | set(own), name
