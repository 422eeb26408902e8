"""Every `sam` command of the documentation names an environment that exists and agrees with its settings."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import ROOT
from .sam_lines import environment, sam_lines

LINES = sam_lines()
# SAM refuses these pairs, wherever each of the two comes from.
CONTRADICTIONS = [
    ("s3_bucket", "resolve_s3"),
    ("image_repository", "image_repositories"),
    ("image_repository", "resolve_image_repos"),
    ("image_repositories", "resolve_image_repos"),
]


def given(arguments: list[str]) -> dict[str, Any]:
    """Settings of the command line and of samconfig.toml together."""
    flags = {a.split("=")[0][2:].replace("-", "_"): True for a in arguments if a.startswith("--")}
    return {k: v for k, v in {**environment(arguments), **flags}.items() if v not in (False, None)}


def test_the_commands_are_found() -> None:
    deploys = [(name, a) for name, a in LINES if a[0] == "deploy"]
    assert {"deploy.md", "Makefile", "README.md"} <= {name for name, _ in LINES}
    assert any("--image-repository" in a for _, a in deploys)
    assert any("--role-arn" in a and "--s3-bucket" in a for _, a in deploys)


@pytest.mark.parametrize(("name", "arguments"), LINES, ids=lambda v: v if isinstance(v, str) else " ".join(v))
def test_a_command_agrees_with_samconfig(name: str, arguments: list[str]) -> None:
    settings = given(arguments)
    for one, other in CONTRADICTIONS:
        assert not (one in settings and other in settings), f"{name}: --{one} and --{other}"
    if arguments[0] == "deploy" and "guided" not in settings:
        assert {"s3_bucket", "resolve_s3"} & set(settings), "nowhere to put the templates"
        places = {"image_repository", "image_repositories", "resolve_image_repos"}
        assert places & set(settings), "nowhere to put the image"


def overrides(words: list[str]) -> set[str]:
    """The names of parameters in words of the form `Name=value`."""
    return {word.partition("=")[0] for word in words if re.match(r"[A-Z]\w+=", word)}


@pytest.mark.parametrize(("name", "arguments"), LINES, ids=lambda v: v if isinstance(v, str) else " ".join(v))
def test_a_command_keeps_the_parameters_of_its_stage(name: str, arguments: list[str]) -> None:
    """SAM does not merge: `--parameter-overrides` takes the place of what samconfig.toml says."""
    if arguments[0] == "deploy" and "--parameter-overrides" in arguments:
        of_the_stage = overrides(environment(arguments).get("parameter_overrides", "").split())
        assert of_the_stage <= overrides(arguments), name


def test_a_deployment_that_nobody_watches_asks_nothing() -> None:
    watched = [a for _, a in LINES if a[0] == "deploy" and "--role-arn" in a]
    assert watched
    for arguments in watched:
        assert environment(arguments)["confirm_changeset"] is False
        assert environment(arguments)["fail_on_empty_changeset"] is False


def test_each_environment_deploys_the_stack_of_the_templates() -> None:
    config = (ROOT / "samconfig.toml").read_text(encoding="utf-8")
    for name in ("default", "shared", "ci", "dev", "prod"):
        settings = environment(["deploy", "--config-env", name])
        assert settings["capabilities"] == "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
        assert settings["stack_name"] == "stillframe" + (f"-{name}" if name in ("dev", "prod") else "")
        assert f"[{name}.build.parameters]" in config


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_stage_sets_parameters_of_the_template(template: dict[str, Any], stage: str) -> None:
    given = environment(["deploy", "--config-env", stage])["parameter_overrides"].split()
    assert given
    for pair in given:
        name, _, value = pair.partition("=")
        parameter = template["Parameters"][name]
        allowed = [str(v) for v in parameter.get("AllowedValues", [])]
        assert value in allowed or (
            not allowed and parameter["MinValue"] <= int(value) <= parameter["MaxValue"]
        )


def test_stages_are_stacks_of_their_own() -> None:
    names = [environment(["deploy", "--config-env", stage])["stack_name"] for stage in ("dev", "prod")]
    assert len(set(names)) == 2
