"""The templates as data: short tags in their long forms, anchors resolved, references collected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted([ROOT / "template.yaml", *(ROOT / "infra").glob("*.yaml")])
# A new function is added here; `Function`, `Role` and `LogGroup` follow these names in the template.
BROWSERS = ["HttpApi", "DirectInvoke", "S3Event", "SqsWorker"]
FUNCTIONS = [*BROWSERS, "Schedule"]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags; a duplicate key is an error, where YAML keeps the last one."""


def _tag(loader: yaml.Loader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    merge = "tag:yaml.org,2002:merge"
    keys = [loader.construct_object(key) for key, _ in node.value if key.tag != merge]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise ValueError(f"given twice: {twice} at {node.start_mark}")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=deep)


_Loader.add_multi_constructor("!", _tag)
_Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: _mapping(loader, node, deep=True))


def load(path: Path) -> dict[str, Any]:
    """One template."""
    with path.open(encoding="utf-8") as file:
        data = yaml.load(file, _Loader)  # a SafeLoader with tags added
    assert isinstance(data, dict)
    return data


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The resources of one type, by logical name, with their properties."""
    return {n: r.get("Properties", {}) for n, r in template["Resources"].items() if r["Type"] == kind}


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every node below `value` with where it stands."""
    yield path, value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from walk(below, f"{path}/{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from walk(below, f"{path}/{index}")


def references(value: Any) -> set[str]:
    """The logical names that a value cannot do without."""
    found: set[str] = set()
    for _, node in walk(value):
        if not isinstance(node, dict) or len(node) != 1:
            continue
        ((key, argument),) = node.items()
        if key == "Ref":
            found.add(argument)
        elif key == "Fn::GetAtt":
            found.add(argument[0])
        elif key == "Fn::Sub":
            text = argument if isinstance(argument, str) else argument[0]
            found |= {name.split("}")[0].split(".")[0] for name in text.split("${")[1:]}
    return {name for name in found if "::" not in name}


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return load(ROOT / "template.yaml")


@pytest.fixture(scope="session")
def observability() -> dict[str, Any]:
    return load(ROOT / "infra" / "observability.yaml")


@pytest.fixture(scope="session")
def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::Serverless::Function")
