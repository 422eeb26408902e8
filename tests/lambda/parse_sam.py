"""Run by SAM CLI's own Python: reads a command and its configuration, and prints it instead of running it."""

import importlib
import json
import sys
from typing import Any

MODULES = {
    "build": "samcli.commands.build.command",
    "deploy": "samcli.commands.deploy.command",
    "package": "samcli.commands.package.command",
    "validate": "samcli.commands.validate.validate",
    "delete": "samcli.commands.delete.command",
    "start-api": "samcli.commands.local.start_api.cli",
    "invoke": "samcli.commands.local.invoke.cli",
    "start-lambda": "samcli.commands.local.start_lambda.cli",
}


def main(arguments: list[str]) -> None:
    name = arguments[1] if arguments[0] == "local" else arguments[0]
    module: Any = importlib.import_module(MODULES[name])

    def print_it(*_: Any, **__: Any) -> None:
        print(json.dumps({"command": arguments[0]}))
        sys.exit(0)

    if name == "deploy":
        # `deploy` judges the bucket and the repositories in its own code, before it packages.
        module.manage_stack = lambda **_: "managed-bucket"
        module.print_managed_s3_bucket_info = lambda _: None
        module.sync_ecr_stack = lambda *_: {}
        importlib.import_module("samcli.commands.package.package_context").PackageContext = print_it
        importlib.import_module("samcli.commands.deploy.guided_context").GuidedContext = print_it
    else:
        module.do_cli = print_it
    sam: Any = importlib.import_module("samcli.cli.main")
    sam.cli(arguments, prog_name="sam")


main(sys.argv[1:])
