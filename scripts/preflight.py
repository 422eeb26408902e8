"""Says what would stop a deployment before anything is created; it reads and changes nothing.

    .venv/bin/python scripts/preflight.py [--stack NAME] [Parameter=value …]

Prints one line for each finding and ends with status 1 when one of them would stop the deployment.
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TEMPLATE = Path(__file__).resolve().parents[1] / "template.yaml"
# AWS refuses a reservation that leaves less (PutFunctionConcurrency, API reference of Lambda).
UNRESERVED = 100
# A usual capture, by which ThrottleRate is chosen (docs/deploy.md).
_SECONDS = 2.5
# What an account gets that has asked for nothing (quotas of Lambda for new accounts).
NEW_ACCOUNT_MEMORY = 3_008
CEILINGS = (
    "HttpConcurrency",
    "DirectConcurrency",
    "S3EventConcurrency",
    "WorkerConcurrency",
    "ScheduleConcurrency",
)
# Numbers that Lambda counts in; CloudFormation itself takes fractions.
WHOLE = {*CEILINGS, "ProvisionedConcurrency", "MemorySize", "EphemeralStorage"}
# One action of each service that a deployment cannot do without.
ACTIONS = (
    "apigateway:POST",
    "cloudformation:CreateChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "dynamodb:CreateTable",
    "ecr:GetAuthorizationToken",
    "ecr:PutImage",
    "events:PutRule",
    "iam:CreateRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "lambda:PublishLayerVersion",
    "logs:CreateLogGroup",
    "logs:PutMetricFilter",
    "s3:CreateBucket",
    "s3:PutBucketPolicy",
    "scheduler:CreateScheduleGroup",
    "secretsmanager:CreateSecret",
    "sqs:CreateQueue",
)
RELEASE_ACTIONS = (
    "codedeploy:CreateApplication",
    "codedeploy:CreateDeployment",
    "codedeploy:CreateDeploymentGroup",
    "lambda:CreateAlias",
    "lambda:PublishVersion",
)
SERVICES = (
    "apigateway",
    "cloudformation",
    "dynamodb",
    "ecr",
    "events",
    "lambda",
    "logs",
    "scheduler",
    "secretsmanager",
    "sqs",
)
# A stack in one of these states takes no update; the value is what helps.
STUCK = {
    "ROLLBACK_COMPLETE": "its first creation failed; delete it: sam delete --stack-name {stack} --no-prompts",
    "ROLLBACK_FAILED": "its first creation failed; delete it in the console, keeping what resists",
    "DELETE_FAILED": "delete it in the console, keeping what resists",
    "UPDATE_ROLLBACK_FAILED": "aws cloudformation continue-update-rollback --stack-name {stack}",
    "REVIEW_IN_PROGRESS": "a change set was made and not executed; delete the stack or execute it",
}


class Finding(NamedTuple):
    """One answer: `stops` tells whether the deployment would fail."""

    stops: bool
    text: str


class Aws(NamedTuple):
    """Where the answers come from."""

    client: Callable[[str], Any]
    region: str
    regions_of: Callable[[str], list[str]]


def findings(aws: Aws, stack: str, parameters: Mapping[str, str]) -> Iterator[Finding]:
    """Every finding, cheapest first. Without credentials or a region nothing else can be asked."""
    if not aws.region:
        yield Finding(True, "No region: export AWS_DEFAULT_REGION.")
        return
    try:
        caller = aws.client("sts").get_caller_identity()
    except Exception as error:  # botocore has no common base of "no credentials" and "refused"
        yield Finding(True, f"No valid credentials: {error}")
        return
    yield Finding(False, f"Account {caller['Account']}, region {aws.region}, as {caller['Arn']}.")
    refused = [*_values(parameters)] or [*_rules(parameters)]
    yield from refused
    if refused:
        return  # the other questions read these values
    yield from _settings(parameters)
    for check in (_services, _quota, _names, _secrets, _network):
        yield from _guarded(check, aws, stack, parameters)
    yield from _guarded(_permissions, aws, caller["Arn"], bool(parameters["Release"]))


def _guarded(check: Callable[..., Iterator[Finding]], *arguments: Any) -> Iterator[Finding]:
    """A question that may not be asked is a finding too, and stops nothing."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from check(*arguments)
    except (BotoCoreError, ClientError) as error:
        yield Finding(False, f"Not checked ({check.__name__.strip('_')}): {error}")


def _values(parameters: Mapping[str, str]) -> Iterator[Finding]:
    """What CloudFormation would refuse, but only after the image has been built and pushed."""
    for name, row in _read(TEMPLATE.read_text(encoding="utf-8"))["Parameters"].items():
        text = parameters[name]
        allowed, pattern = [str(value) for value in row.get("AllowedValues", [])], row.get("AllowedPattern")
        least, most = row.get("MinValue"), row.get("MaxValue")
        why = ""
        if row["Type"] == "Number" and not re.fullmatch(r"-?\d+(\.\d+)?", text):
            why = f"{text!r} is not a number."
        elif name in WHOLE and not text.isdigit():
            why = f"{text!r} is not a whole number."
        elif allowed and text not in allowed:
            why = f"{text!r} is not one of {', '.join(allowed)}."
        elif pattern and not re.fullmatch(pattern, text):
            why = f"{text!r} does not have the form {pattern}"
        elif least is not None and float(text) < least:
            why = f"{text} is too small, it is at least {least}."
        elif most is not None and float(text) > most:
            why = f"{text} is too large, it is at most {most}."
        if why:
            yield Finding(True, f"{name}: {why}")


def _rules(parameters: Mapping[str, str]) -> Iterator[Finding]:
    """Parameters that do not work alone, by the rules of the template."""
    template = _read(TEMPLATE.read_text(encoding="utf-8"))
    lists = {n for n, row in template["Parameters"].items() if row["Type"] == "CommaDelimitedList"}

    def value(found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        ((name, argument),) = found.items()
        if name == "Ref":
            # A blank list is one blank item in CloudFormation.
            return parameters[argument].split(",") if argument in lists else parameters[argument]
        given = [value(each) for each in argument]
        known = {"Equals": lambda a, b: str(a) == str(b), "Contains": lambda a, b: b in a}
        if name in known:
            return known[name](*given)
        return {"Not": lambda: not given[0], "And": lambda: all(given), "Or": lambda: any(given)}[name]()

    for rule in template["Rules"].values():
        if value(rule["RuleCondition"]):
            for each in rule["Assertions"]:
                if not value(each["Assert"]):
                    yield Finding(True, each["AssertDescription"])


def _settings(parameters: Mapping[str, str]) -> Iterator[Finding]:
    """A function with settings that it cannot read does not start, or refuses every capture."""
    from stillframe.api.aws_identity import read_trusted
    from stillframe.api.limits import Limiter
    from stillframe.egress import EgressPolicy, Upstream
    from stillframe.egress.targets import TargetPolicy
    from stillframe.settings import SettingNotValid, Settings

    variables = _read(TEMPLATE.read_text(encoding="utf-8"))["Globals"]["Function"]["Environment"]["Variables"]
    given = {name: _given(value, parameters) for name, value in variables.items()}
    try:
        config = Settings.from_env(given)
    except SettingNotValid as error:
        yield Finding(True, str(error))
        return
    for read in (
        lambda: EgressPolicy.from_settings(
            config.egress_allow, config.egress_ports, {}, config.public_url, config.egress_deny
        ),
        lambda: TargetPolicy.from_settings(config),
        lambda: Upstream.from_settings(config),
        lambda: read_trusted(config.aws_callers),
        lambda: Limiter(config),
    ):
        try:
            read()
        except ValueError as error:
            yield Finding(True, str(error))


def _given(value: Any, parameters: Mapping[str, str]) -> str:
    """The text of a variable that is a parameter or constant; empty for a name of the stack's resources."""
    if isinstance(value, dict):
        return parameters.get(value.get("Ref", ""), "")
    return str(value)


def _services(aws: Aws, _: str, __: Mapping[str, str]) -> Iterator[Finding]:
    for service in SERVICES:
        regions = aws.regions_of(service)
        if regions and aws.region not in regions:
            yield Finding(True, f"{aws.region} has no {service}.")


def _quota(aws: Aws, stack: str, parameters: Mapping[str, str]) -> Iterator[Finding]:
    limit = aws.client("lambda").get_account_settings()["AccountLimit"]
    quota, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    wanted = sum(int(parameters[name]) for name in CEILINGS)
    if parameters["ReserveConcurrency"] == "true":
        # A stack that exists holds its reservation already, and its functions are not told apart here.
        left = free if _state(aws, stack) is None else quota
        if left - wanted < UNRESERVED:
            yield Finding(
                True,
                f"ReserveConcurrency=true needs {wanted + UNRESERVED} executions and {left} are there:"
                " leave it false, lower the ceilings or ask for a higher quota.",
            )
        if int(parameters["ProvisionedConcurrency"]) > int(parameters["HttpConcurrency"]):
            yield Finding(True, "ProvisionedConcurrency is above HttpConcurrency, which is reserved.")
    elif int(parameters["ProvisionedConcurrency"]) > max(0, free - UNRESERVED):
        yield Finding(
            True,
            f"ProvisionedConcurrency={parameters['ProvisionedConcurrency']} must leave {UNRESERVED}"
            f" executions unreserved, and {free} are there: lower it or ask for a higher quota.",
        )
    elif quota < wanted:
        yield Finding(False, f"The account runs {quota} executions at once, over all functions together.")
    rate, burst = float(parameters["ThrottleRate"]), int(float(parameters["ThrottleBurst"]))
    if parameters["Api"] != "none" and (rate * _SECONDS > quota or burst > quota):
        # Lambda throttles with a 503 that is not the service's; API Gateway refuses with 429.
        fits = f"ThrottleRate={max(1, int(quota / _SECONDS))} and ThrottleBurst={quota}"
        yield Finding(False, f"Callers may be answered 503 in place of 429; {fits} fit the account.")
    if quota < int(parameters["WorkerConcurrency"]):
        yield Finding(False, f"WorkerConcurrency is above the account's {quota}: the worker is throttled.")
    if int(parameters["MemorySize"]) > NEW_ACCOUNT_MEMORY:
        yield Finding(False, f"A new account may refuse functions of more than {NEW_ACCOUNT_MEMORY} MB.")


def _state(aws: Aws, stack: str) -> str | None:
    from botocore.exceptions import ClientError

    try:
        found = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return str(found[0]["StackStatus"])


def _names(aws: Aws, stack: str, _: Mapping[str, str]) -> Iterator[Finding]:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{,54}", stack):
        # Its group of schedules is `<stack>-captures`, of which EventBridge Scheduler takes 64 characters.
        yield Finding(True, f"{stack}: a letter, then letters, digits and hyphens, 55 characters at most.")
        return
    if stack != stack.lower():
        yield Finding(True, f"{stack}: write it in lower case, its buckets are named after it.")
    state = _state(aws, stack)
    if state in STUCK:
        yield Finding(True, f"Stack {stack} is {state}: {STUCK[state].format(stack=stack)}")
    elif state and state.endswith("_IN_PROGRESS"):
        yield Finding(True, f"Stack {stack} is {state}: wait for it.")
    if state is not None:
        return
    groups = aws.client("scheduler").list_schedule_groups(NamePrefix=f"{stack}-captures")["ScheduleGroups"]
    if any(group["Name"] == f"{stack}-captures" for group in groups):
        yield Finding(True, f"A schedule group {stack}-captures exists and belongs to no such stack.")
    watch = aws.client("cloudwatch")
    boards = watch.list_dashboards(DashboardNamePrefix=stack)["DashboardEntries"]
    if any(board["DashboardName"] == stack for board in boards):
        yield Finding(True, f"A dashboard {stack} exists and belongs to no such stack.")
    alarms = watch.describe_alarms(AlarmNamePrefix=f"{stack}-HttpApiErrors")["MetricAlarms"]
    if any(alarm["AlarmName"] == f"{stack}-HttpApiErrors" for alarm in alarms):
        yield Finding(True, f"Alarms named {stack}-… exist and belong to no such stack.")


def _secrets(aws: Aws, _: str, parameters: Mapping[str, str]) -> Iterator[Finding]:
    for name in (n for n in parameters if n.endswith("SecretArn")):
        arn = parameters[name]
        if not arn:
            continue
        if arn.split(":")[3] != aws.region:
            yield Finding(True, f"{name} is in {arn.split(':')[3]}, the stack would be in {aws.region}.")
            continue
        kind = arn.split(":")[2]
        try:
            if kind == "ssm":
                aws.client("ssm").get_parameter(Name=arn)
            else:
                aws.client("secretsmanager").describe_secret(SecretId=arn)
        except Exception as error:  # the client's own classes exist only on the client
            missing = type(error).__name__ in ("ParameterNotFound", "ResourceNotFoundException")
            if not missing:
                raise
            yield Finding(True, f"{name}: there is no {arn}.")


def _network(aws: Aws, _: str, parameters: Mapping[str, str]) -> Iterator[Finding]:
    subnets = [s for s in parameters["SubnetIds"].split(",") if s]
    groups = [g for g in parameters["SecurityGroupIds"].split(",") if g]
    if not subnets:
        return
    ec2 = aws.client("ec2")
    networks = {s["VpcId"] for s in ec2.describe_subnets(SubnetIds=subnets)["Subnets"]}
    networks |= {g["VpcId"] for g in ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"]}
    if len(networks) != 1:
        yield Finding(True, f"SubnetIds and SecurityGroupIds lie in {len(networks)} networks.")


def _permissions(aws: Aws, arn: str, release: bool) -> Iterator[Finding]:
    if arn.endswith(":root"):
        return
    iam = aws.client("iam")
    if ":assumed-role/" in arn:
        # The simulation asks for the role, whose path the session does not show.
        arn = iam.get_role(RoleName=arn.split("/")[1])["Role"]["Arn"]
    pages = iam.get_paginator("simulate_principal_policy")
    refused = [
        result["EvalActionName"]
        for page in pages.paginate(PolicySourceArn=arn, ActionNames=[*ACTIONS, *(RELEASE_ACTIONS * release)])
        for result in page["EvaluationResults"]
        if result["EvalDecision"] != "allowed"
    ]
    if refused:
        yield Finding(
            False,
            f"Your own rights do not hold on every resource for {', '.join(refused)}: the deployment fails"
            " unless they are granted on the stack's names, or by a role of CloudFormation (--role-arn).",
        )


def tools(
    parameters: Mapping[str, str], which: Callable[[str], str | None], machine: str
) -> Iterator[Finding]:
    """What `sam build` needs on this machine."""
    for name, use in (("sam", "SAM CLI builds and deploys"), ("python3.13", "the layer is built with it")):
        if which(name) is None:
            yield Finding(True, f"No {name} on the PATH: {use}.")
    if which("docker") is None and which("podman") is None:
        yield Finding(True, "Neither docker nor podman on the PATH: one of them builds the image.")
    own = {"amd64": "x86_64", "aarch64": "arm64"}.get(machine.lower(), machine.lower())
    if own != parameters["Architecture"]:
        yield Finding(
            False, f"This machine is {own} and the stack {parameters['Architecture']}: the build is emulated."
        )


def kept(client: Callable[[str], Any], stack: str) -> dict[str, str]:
    """The parameters of a stack that exists, which a deployment keeps; empty where they cannot be read."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (BotoCoreError, ClientError):
        return {}
    return {row["ParameterKey"]: row["ParameterValue"] for row in found.get("Parameters", [])}


def release(parameters: Mapping[str, str], of_the_stack: Mapping[str, str]) -> Iterator[Finding]:
    """The alias of the HTTP function moves to another release only."""
    name = parameters["Release"]
    if name and name == of_the_stack.get("Release"):
        yield Finding(
            False, f"Release stays {name}: the APIs go on calling its version, whatever else is deployed."
        )


def defaults(template: str) -> dict[str, str]:
    """Each parameter of the template with its default."""
    return {name: str(row.get("Default", "")) for name, row in _read(template)["Parameters"].items()}


@cache
def _read(template: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML with CloudFormation's tags as mappings: `!Ref A` is `{"Ref": "A"}`."""

    def tag(loader: Loader, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return {suffix: loader.construct_scalar(node)}
        if isinstance(node, yaml.SequenceNode):
            return {suffix: loader.construct_sequence(node, deep=True)}
        return {suffix: loader.construct_mapping(node, deep=True)}

    Loader.add_multi_constructor("!", tag)
    return Loader(template).get_single_data()


def main(arguments: list[str] | None = None) -> int:
    """Entry point. Returns 1 when a finding stops the deployment."""
    import boto3

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack", default="stillframe", help="name of the stack")
    parser.add_argument("parameters", nargs="*", metavar="Parameter=value", help="as for sam deploy")
    given = parser.parse_args(arguments)
    session = boto3.Session()
    known = defaults(TEMPLATE.read_text(encoding="utf-8"))
    of_the_stack = kept(session.client, given.stack)
    parameters = known | {name: value for name, value in of_the_stack.items() if name in known}
    for pair in given.parameters:
        name, _, value = pair.partition("=")
        if name not in parameters:
            parser.error(f"the template has no parameter {name}")
        parameters[name] = value
    aws = Aws(session.client, session.region_name or "", session.get_available_regions)
    found = [*tools(parameters, shutil.which, platform.machine()), *release(parameters, of_the_stack)]
    found += findings(aws, given.stack, parameters)
    for finding in found:
        print("STOPS  " if finding.stops else "       ", finding.text)
    stops = sum(finding.stops for finding in found)
    print(
        f"{stops} of these would stop the deployment." if stops else "Nothing here would stop the deployment."
    )
    return 1 if stops else 0


if __name__ == "__main__":
    sys.exit(main())
