"""The example workflow fits infra/ci-role.yaml, samconfig.toml and the guide."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from .conftest import ROOT, load
from .sam_lines import sam_lines

PATH = ROOT / "examples" / "github-actions" / "deploy.yml"
TEXT = PATH.read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
# Never a branch: what stands behind it changes without a commit here.
ACTION = re.compile(r"[\w-]+/[\w-]+@v\d+(\.\d+)*|[\w-]+/[\w-]+@[0-9a-f]{40}")


# The first versions on Node 24; GitHub's runners have had no Node 20 since September 2026
# (https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/).
NODE_24 = {"actions/checkout": 5, "actions/setup-python": 6, "aws-actions/configure-aws-credentials": 6}


@pytest.fixture
def job() -> dict[str, Any]:
    parsed = yaml.safe_load(TEXT)
    assert parsed["permissions"] == {}
    (found,) = parsed["jobs"].values()
    assert isinstance(found, dict)
    return found


def test_the_role_trusts_this_job(job: dict[str, Any]) -> None:
    parameters = load(ROOT / "infra" / "ci-role.yaml")["Parameters"]
    assert job["environment"] == parameters["Environment"]["Default"]
    assert job["permissions"] == {"contents": "read", "id-token": "write"}


def test_no_key_is_stored() -> None:
    assert "secrets." not in TEXT
    assert not re.search(r"AWS_(ACCESS_KEY|SECRET)", TEXT)
    assert not re.search(r"\d{12}|AKIA", TEXT)


def test_no_expression_stands_in_a_script(job: dict[str, Any]) -> None:
    """What GitHub puts into a script is run by the shell; the scripts read variables instead."""
    assert not [step for step in job["steps"] if "${{" in step.get("run", "")]
    used = {name for step in job["steps"] for name in re.findall(r"\$([A-Z_]+)", step.get("run", ""))}
    assert used
    assert used <= set(job["env"])


def test_every_action_is_one_of_a_version(job: dict[str, Any]) -> None:
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert len(uses) == 3
    assert all(ACTION.fullmatch(name) for name in uses)
    for name, version in (use.split("@v") for use in uses):
        assert int(version.split(".")[0]) >= NODE_24[name], name


def test_tests_run_before_the_credentials_are_there(job: dict[str, Any]) -> None:
    steps = [step.get("uses", step.get("run", "")) for step in job["steps"]]
    first = next(n for n, step in enumerate(steps) if step.startswith("aws-actions/"))
    assert any(step == "make test-unit" for step in steps[:first])
    assert all("sam " not in step for step in steps[:first])


def test_it_installs_the_sam_that_was_tested() -> None:
    tested = re.search(r"aws-sam-cli==[\d.]+", (ROOT / "tests" / "lambda" / "tools.sh").read_text("utf-8"))
    assert tested is not None
    assert tested.group() in TEXT


def test_its_commands_are_among_those_given_to_sam(job: dict[str, Any]) -> None:
    found = [arguments for name, arguments in sam_lines() if name == PATH.name]
    assert [arguments[0] for arguments in found] == ["build", "deploy"]
    wanted = {"--config-env", "--image-repository", "--s3-bucket", "--role-arn"}
    assert {a for a in found[1] if a.startswith("--")} == wanted


def test_the_guide_says_where_every_variable_comes_from() -> None:
    variables = set(re.findall(r"vars\.(\w+)", TEXT))
    assert variables == {"AWS_REGION", "DEPLOY_ROLE", "EXECUTION_ROLE", "IMAGE_REPOSITORY", "ARTIFACT_BUCKET"}
    assert all(f"`{name}`" in GUIDE for name in variables)
    outputs = load(ROOT / "infra" / "ci-role.yaml")["Outputs"]
    assert {"DeployRoleArn", "ExecutionRoleArn"} <= set(outputs)
    assert "examples/github-actions/deploy.yml" in GUIDE
