"""The Terraform example names what the template has."""

from __future__ import annotations

import re
from typing import Any

from .conftest import ROOT

TEXT = (ROOT / "examples" / "terraform" / "main.tf").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"^( *){name} = \{{\n(.*?)^\1\}}", TEXT, re.M | re.S)
    assert found is not None
    return found[2]


def test_its_parameters_and_outputs_are_those_of_the_template(template: dict[str, Any]) -> None:
    parameters = re.findall(r"^ *(\w+) *= ", block("parameters"), re.M)
    assert parameters
    assert set(parameters) <= set(template["Parameters"])
    outputs = re.findall(r'\.outputs\["(\w+)"\]', TEXT)
    assert len(outputs) >= 3
    assert set(outputs) <= set(template["Outputs"])


def test_the_template_is_read_from_a_bucket() -> None:
    """CloudFormation takes 51,200 bytes in the call and 1 MB from a bucket."""
    size = (ROOT / "template.yaml").stat().st_size
    assert 51_200 < size < 900_000
    assert "template_url" in TEXT
    assert "template_body" not in TEXT


def test_it_acknowledges_roles_and_the_transform() -> None:
    assert '["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]' in TEXT
