"""Commands of the AWS CLI as botocore's model knows them.

A service, an operation, a parameter, a value of an enumeration, a JSON argument or a local file that does not
exist is an error, and so is a missing parameter.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import yaml
from botocore import xform_name
from botocore.validate import ParamValidator

ROOT = Path(__file__).resolve().parents[2]
# The CLI's own name of a service, and commands of the CLI that are no operation of a service.
SERVICES = {"s3api": "s3", "deploy": "codedeploy"}
OWN = {
    ("s3", "cp"): {"recursive", "content-type", "quiet"},
    ("s3", "ls"): {"recursive"},
    ("s3", "rm"): {"recursive"},
    ("s3", "sync"): {"delete"},
    ("cloudformation", "deploy"): {
        "stack-name",
        "template-file",
        "parameter-overrides",
        "capabilities",
    },
}
ANYWHERE = {"query", "output", "region", "profile", "cli-binary-format", "no-cli-pager"}
PAGING = {"max-items", "starting-token", "page-size"}


class Tags(yaml.CSafeLoader):
    """Reads a template without its functions."""


Tags.add_multi_constructor("!", lambda loader, tag, node: tag)


@cache
def template(name: str) -> Any:
    return yaml.load((ROOT / name).read_text("utf-8"), Tags)


def check(words: list[str], folder: Path) -> None:
    """Raises ValueError for a command that the CLI or the service would refuse; `folder` is where it runs."""
    service, operation, *rest = words
    flags, free = split(rest)
    if (own := OWN.get((service, operation))) is not None:
        unknown = set(flags) - own - ANYWHERE
        if operation == "deploy":
            check_deploy(flags)
        check_local(free, folder)
    else:
        unknown = check_operation(SERVICES.get(service, service), operation, flags)
    if unknown:
        raise ValueError(f"aws {service} {operation}: no parameter --{', --'.join(sorted(unknown))}")


@cache
def model_of(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def split(words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The flags with their values, and the words before the first flag or beside them."""
    flags: dict[str, list[str]] = {}
    free: list[str] = []
    current: list[str] | None = None
    for word in words:
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            current = flags.setdefault(name, [value] if value else [])
        elif current is None:
            free.append(word)
        else:
            current.append(word)
    return flags, free


def check_operation(service: str, operation: str, flags: dict[str, list[str]]) -> set[str]:
    """The flags that are no parameter of the operation. Raises ValueError for other faults."""
    model = model_of(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        raise ValueError(f"aws {service}: no operation {operation}")
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(n, "-"): (n, m) for n, m in (shape.members if shape else {}).items()}
    missing = {f for f, (n, _) in members.items() if n in shape.required_members} - set(flags)
    if missing:
        raise ValueError(f"aws {service} {operation}: --{', --'.join(sorted(missing))} is missing")
    for flag, values in flags.items():
        if flag in members:
            check_value(flag, members[flag][1], values)
    return set(flags) - set(members) - ANYWHERE - PAGING


def check_value(flag: str, shape: Any, values: list[str]) -> None:
    """Raises ValueError for a value that the parameter cannot have."""
    text = " ".join(values)
    if shape.type_name in ("structure", "list", "map") and text[:1] in ("{", "["):
        report = ParamValidator().validate(json.loads(text), shape)
        if report.has_errors():
            raise ValueError(f"--{flag}: {report.generate_report()}")
    elif getattr(shape, "enum", None) and text not in shape.enum:
        raise ValueError(f"--{flag}: {text} is none of {shape.enum}")


def check_deploy(flags: dict[str, list[str]]) -> None:
    """Raises ValueError for a template, or a parameter of it, that does not exist."""
    (name,) = flags["template-file"]
    known = template(name).get("Parameters", {})
    for pair in flags.get("parameter-overrides", []):
        if pair.partition("=")[0] not in known:
            raise ValueError(f"{name} has no parameter {pair}")


def check_local(names: list[str], folder: Path) -> None:
    for name in names:
        if name != "-" and not name.startswith("s3://") and not (folder / name).exists():
            raise ValueError(f"there is no file {name}")
