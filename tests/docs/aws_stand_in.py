"""Stands for the AWS CLI: checks a command against botocore's model and answers what the pages read.

A service, an operation, a parameter, a value of an enumeration or a JSON argument that does not exist ends
the command with an error, and so does a missing parameter. `lambda invoke` is answered by the local service.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
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


def template(name: str) -> Any:
    return yaml.load((ROOT / name).read_text("utf-8"), Tags)


def main(words: list[str]) -> None:
    service, operation, *rest = words
    flags, free = split(rest)
    if (own := OWN.get((service, operation))) is not None:
        unknown = set(flags) - own - ANYWHERE
        if operation == "deploy":
            check_deploy(flags)
        check_local(free)
    else:
        unknown = check_operation(SERVICES.get(service, service), operation, flags)
    if unknown:
        sys.exit(f"aws {service} {operation}: no parameter --{', --'.join(sorted(unknown))}")
    with Path(os.environ["DOCS_LOG"]).open("a") as log:
        log.write(f"stand-in: aws {service} {operation}\n")
    answer(service, operation, flags, free)


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
    """The flags that are no parameter of the operation. Exits at other faults."""
    model = botocore.session.get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        sys.exit(f"aws {service}: no operation {operation}")
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(n, "-"): (n, m) for n, m in (shape.members if shape else {}).items()}
    missing = {f for f, (n, _) in members.items() if n in shape.required_members} - set(flags)
    if missing:
        sys.exit(f"aws {service} {operation}: --{', --'.join(sorted(missing))} is missing")
    for flag, values in flags.items():
        if flag in members:
            check_value(flag, members[flag][1], values)
    return set(flags) - set(members) - ANYWHERE - PAGING


def check_value(flag: str, shape: Any, values: list[str]) -> None:
    """Exits at a value that the parameter cannot have."""
    text = " ".join(values)
    if shape.type_name in ("structure", "list", "map") and text[:1] in ("{", "["):
        report = ParamValidator().validate(json.loads(text), shape)
        if report.has_errors():
            sys.exit(f"--{flag}: {report.generate_report()}")
    elif getattr(shape, "enum", None) and text not in shape.enum:
        sys.exit(f"--{flag}: {text} is none of {shape.enum}")


def check_deploy(flags: dict[str, list[str]]) -> None:
    """Exits at a template, or a parameter of it, that does not exist."""
    (name,) = flags["template-file"]
    known = template(name).get("Parameters", {})
    for pair in flags.get("parameter-overrides", []):
        if pair.partition("=")[0] not in known:
            sys.exit(f"{name} has no parameter {pair}")


def check_local(names: list[str]) -> None:
    """Exits at a local file that does not exist."""
    for name in names:
        if name != "-" and not name.startswith("s3://") and not Path(name).exists():
            sys.exit(f"there is no file {name}")


def answer(service: str, operation: str, flags: dict[str, list[str]], free: list[str]) -> None:
    own = os.environ.get("STILLFRAME", "")
    if operation == "get-secret-value":
        print(os.environ.get("AUTH_TOKEN", ""))
    elif (service, operation) == ("lambda", "invoke"):
        free += flags.get("payload", [])[1:]
        Path(free[-1]).write_bytes(captured(own, json.loads(flags["payload"][0])))
    elif (service, operation) == ("s3", "cp") and free[:1] == ["-"]:
        json.loads(sys.stdin.read())


def captured(own: str, options: dict[str, Any]) -> bytes:
    """The answer of the local service to the options."""
    request = urllib.request.Request(
        f"{own}/capture",
        json.dumps(options | {"response_type": "json"}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['AUTH_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return bytes(reply.read())


if __name__ == "__main__":
    main(sys.argv[1:])
