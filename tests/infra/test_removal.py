"""Deleting the stacks leaves nothing, and the guide deletes every stack that it deploys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import FUNCTIONS, ROOT, TEMPLATES, load, of_type

GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def test_every_stack_of_the_guide_is_deleted_by_it() -> None:
    before, _, removal = GUIDE.partition("\n## Remove everything\n")
    made = set(re.findall(r"deploy --stack-name (\S+)", before)) | {"stillframe"}
    deleted = set(re.findall(r"delete(?:-stack)? --stack-name (\S+)", removal))
    assert {"stillframe-ci", "stillframe-waf"} <= made
    assert deleted == made


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_resource_outlives_its_stack(path: Path) -> None:
    template = load(path)
    for name, resource in template["Resources"].items():
        assert resource.get("DeletionPolicy", "Delete") == "Delete", name
        assert resource.get("UpdateReplacePolicy", "Delete") == "Delete", name
    # SAM keeps the versions of a layer unless it is told otherwise, and each deployment makes one.
    for name, layer in of_type(template, "AWS::Serverless::LayerVersion").items():
        assert layer["RetentionPolicy"] == "Delete", name
    for name, repository in of_type(template, "AWS::ECR::Repository").items():
        assert repository["EmptyOnDelete"] is True, name


def test_every_log_is_a_resource_of_the_stack(template: dict[str, Any], functions: dict[str, Any]) -> None:
    """A function that makes its own group leaves it behind, and none of these may make one."""
    for name in FUNCTIONS:
        assert functions[f"{name}Function"]["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}LogGroup"}}
        assert template["Resources"][f"{name}LogGroup"]["Type"] == "AWS::Logs::LogGroup"
    for group in of_type(template, "AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogDays"}
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert "logs:CreateLogGroup" not in text


def test_the_guide_empties_both_buckets_with_their_versions() -> None:
    removal = GUIDE.partition("\n## Remove everything\n")[2]
    for bucket in ("InputBucket", "OutputBucket"):
        assert f's3://$(output {bucket})"' in removal or f"empty {bucket}" in removal
    assert "list-object-versions" in removal
