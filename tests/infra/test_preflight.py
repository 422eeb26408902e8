"""scripts/preflight.py names what would fail, for accounts described by stubbed answers of AWS."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from .conftest import ROOT
from .scripts import script

preflight = script("preflight")
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
ARN = "arn:aws:iam::123456789012:user/deployer"
GROUP = {"ScheduleGroups": [{"Name": "stillframe-captures", "State": "ACTIVE"}]}


class Account:
    """Answers of one account. Botocore checks each against the service's model."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Any] = {
            ("sts", "get_caller_identity"): {"Account": "123456789012", "Arn": ARN, "UserId": "U"},
            ("lambda", "get_account_settings"): self.quota(1_000),
            ("cloudformation", "describe_stacks"): ("ValidationError", "Stack with id x does not exist"),
            ("scheduler", "list_schedule_groups"): {"ScheduleGroups": []},
            ("cloudwatch", "list_dashboards"): {"DashboardEntries": []},
            ("cloudwatch", "describe_alarms"): {"MetricAlarms": []},
            ("iam", "simulate_principal_policy"): self.decisions(),
        }
        self.asked: list[str] = []

    @staticmethod
    def quota(executions: int) -> dict[str, Any]:
        limits = {"ConcurrentExecutions": executions, "UnreservedConcurrentExecutions": executions}
        return {"AccountLimit": limits}

    @staticmethod
    def decisions(refused: str = "") -> dict[str, Any]:
        return {
            "EvaluationResults": [
                {"EvalActionName": a, "EvalDecision": "implicitDeny" if a == refused else "allowed"}
                for a in preflight.ACTIONS
            ]
        }

    def state(self, status: str) -> None:
        stack = {"StackName": "stillframe", "CreationTime": "2026-11-26", "StackStatus": status}
        self.answers["cloudformation", "describe_stacks"] = {"Stacks": [stack]}

    def client(self, service: str) -> Any:
        made = boto3.client(
            service, region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        stub = Stubber(made)
        self.asked.append(service)
        for (name, operation), answer in self.answers.items():
            if name == service and isinstance(answer, tuple):
                stub.add_client_error(operation, *answer)
            elif name == service:
                stub.add_response(operation, answer)
        stub.activate()
        return made

    def findings(self, region: str = "eu-west-1", stack: str = "stillframe", **parameters: str) -> list[Any]:
        aws = preflight.Aws(self.client, region, boto3.Session().get_available_regions)
        return list(preflight.findings(aws, stack, preflight.defaults(TEMPLATE) | parameters))

    def stops(self, **parameters: str) -> list[str]:
        return [finding.text for finding in self.findings(**parameters) if finding.stops]


@pytest.fixture
def account() -> Account:
    return Account()


def test_a_plain_account_can_deploy_the_defaults(account: Account) -> None:
    assert account.stops() == []
    account.answers["lambda", "get_account_settings"] = account.quota(10)
    assert account.stops() == []
    assert any("runs 10 executions at once" in f.text for f in account.findings())
    hint = "ThrottleRate=4 and ThrottleBurst=10"
    assert any(hint in f.text for f in account.findings())
    fitting = account.findings(ThrottleRate="4", ThrottleBurst="10")
    assert not any("ThrottleRate" in f.text for f in fitting)


def test_a_reservation_needs_its_sum_and_a_hundred(account: Account) -> None:
    account.answers["lambda", "get_account_settings"] = account.quota(156)
    (text,) = account.stops(ReserveConcurrency="true")
    assert "needs 157 executions and 156 are there" in text
    account.answers["lambda", "get_account_settings"] = account.quota(157)
    assert account.stops(ReserveConcurrency="true") == []


def test_environments_that_are_always_started_need_room(account: Account) -> None:
    account.answers["lambda", "get_account_settings"] = account.quota(157)
    assert account.stops(Release="a", ProvisionedConcurrency="57") == []
    (text,) = account.stops(Release="a", ProvisionedConcurrency="58")
    assert "must leave 100 executions" in text
    assert account.stops(Release="a", ProvisionedConcurrency="20", ReserveConcurrency="true") == []
    (text,) = account.stops(Release="a", ProvisionedConcurrency="21", ReserveConcurrency="true")
    assert "above HttpConcurrency" in text


def test_without_credentials_or_region_nothing_is_asked(account: Account) -> None:
    assert [f.text for f in account.findings(region="")] == ["No region: export AWS_DEFAULT_REGION."]
    assert account.asked == []
    account.answers["sts", "get_caller_identity"] = ("ExpiredToken", "The token is expired")
    (text,) = account.stops()
    assert "The token is expired" in text
    assert account.asked == ["sts"]


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_takes_no_update_is_named(account: Account, status: str) -> None:
    account.state(status)
    (text,) = account.stops()
    assert status in text


def test_the_names_of_a_stack_that_exists_are_its_own(account: Account) -> None:
    account.answers["scheduler", "list_schedule_groups"] = GROUP
    account.state("UPDATE_COMPLETE")
    assert account.stops() == []


def test_names_that_belong_to_no_stack_clash(account: Account) -> None:
    account.answers["scheduler", "list_schedule_groups"] = GROUP
    board = {"DashboardEntries": [{"DashboardName": "stillframe"}, {"DashboardName": "stillframe-2"}]}
    account.answers["cloudwatch", "list_dashboards"] = board
    alarm = {"MetricAlarms": [{"AlarmName": "stillframe-HttpApiErrors"}]}
    account.answers["cloudwatch", "describe_alarms"] = alarm
    texts = " ".join(account.stops())
    assert ("schedule group" in texts, "dashboard" in texts, "Alarms" in texts) == (True, True, True)


def test_a_stack_is_named_in_lower_case(account: Account) -> None:
    assert any("lower case" in text for text in account.stops(stack="Stillframe"))


def test_the_longest_name_still_names_the_group_of_schedules(account: Account) -> None:
    """EventBridge Scheduler takes 64 characters, and the group is named after the stack."""
    assert [f for f in account.findings(stack="s" * 55) if f.stops] == []
    assert any("55 characters" in f.text for f in account.findings(stack="s" * 56) if f.stops)
    assert any("letter" in f.text for f in account.findings(stack="1st") if f.stops)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("MemorySize", "lots", "not a number"),
        ("MemorySize", "512", "at least 1024"),
        ("PresignSeconds", "99999", "at most 43200"),
        ("ProvisionedConcurrency", "", "not a number"),
        ("HttpConcurrency", "1.5", "not a whole number"),
        ("MemorySize", "2048.5", "not a whole number"),
        ("Api", "htp", "one of http, rest, none"),
        ("JobTimeout", "200", "one of 60, 120"),
        ("AuthTokenSecretArn", "stillframe/token", "does not have the form"),
        ("PublicUrl", "http://captures.example.com", "does not have the form"),
    ],
)
def test_a_value_that_the_template_does_not_take_stops(
    account: Account, name: str, value: str, why: str
) -> None:
    (text,) = account.stops(**{name: value})
    assert text.startswith(f"{name}: ")
    assert why in text


def test_dollars_may_have_cents(account: Account) -> None:
    assert account.stops(DailyCost="0.50", MonthlyBudget="12.5", AlarmEmail="a@example.com") == []


def test_a_parameter_that_is_ignored_alone_stops(account: Account) -> None:
    (text,) = account.stops(MonthlyBudget="50")
    assert "AlarmEmail" in text
    assert account.stops(MonthlyBudget="50", AlarmEmail="a@example.com") == []
    (text,) = account.stops(Rollout="Canary10Percent5Minutes")
    assert "Release" in text


def test_a_stack_that_exists_keeps_what_is_not_given(account: Account) -> None:
    assert preflight.kept(account.client, "stillframe") == {}
    account.state("UPDATE_COMPLETE")
    (stack,) = account.answers["cloudformation", "describe_stacks"]["Stacks"]
    stack["Parameters"] = [{"ParameterKey": "AlarmEmail", "ParameterValue": "a@example.com"}]
    assert preflight.kept(account.client, "stillframe") == {"AlarmEmail": "a@example.com"}
    account.answers["cloudformation", "describe_stacks"] = ("AccessDenied", "not yours")
    assert preflight.kept(account.client, "stillframe") == {}


@pytest.mark.parametrize(
    ("before", "now", "told"), [("a1", "a1", True), ("a1", "b2", False), ("", "", False), ("", "a1", False)]
)
def test_a_release_that_stays_is_told(before: str, now: str, told: bool) -> None:
    found = list(preflight.release({"Release": now}, {"Release": before} if before else {}))
    assert [f.stops for f in found] == [False] * told


def test_a_secret_must_exist_in_the_region(account: Account) -> None:
    elsewhere = "arn:aws:ssm:us-east-1:123456789012:parameter/token"
    (text,) = account.stops(AuthTokenSecretArn=elsewhere)
    assert "us-east-1" in text
    account.answers["ssm", "get_parameter"] = ("ParameterNotFound", "")
    (text,) = account.stops(AuthTokenSecretArn=elsewhere.replace("us-east-1", "eu-west-1"))
    assert "there is no" in text


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ('{"MAX_PIXEL": 1}', "no setting 'MAX_PIXEL'"),
        ('{"MAX_PIXELS": 1}', "MAX_PIXELS is a variable"),
        ('{"AUTH_TOKEN": "t"}', "secret"),
        ('{"QUEUE_SIZE": 1.5}', "QUEUE_SIZE: '1.5' is not a whole number"),
        ('{"RATE_LIMIT_SIGNED": "often"}', "'often' is not a rate"),
    ],
)
def test_settings_that_no_function_could_read_stop(account: Account, extra: str, why: str) -> None:
    (text,) = account.stops(ExtraSettings=extra)
    assert why in text
    assert account.stops(ExtraSettings='{"QUEUE_SIZE": 8}') == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EgressAllow", "10.0.0.0/33"),
        ("EgressDeny", "*.*.example.com"),
        ("EgressPorts", "443,70000"),
        ("TargetAllow", "https://example.com/path"),
        ("ProxyPort", "70000"),
        ("ProxyServer", "socks5://proxy.example.com"),
    ],
)
def test_a_setting_that_no_capture_could_obey_stops(account: Account, name: str, value: str) -> None:
    others = {"ProxyServer": "proxy.example.com"} if name == "ProxyPort" else {}
    (text,) = account.stops(**others, **{name: value})
    variable = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    assert variable in text


def test_subnets_and_groups_lie_in_one_network(account: Account) -> None:
    account.answers["ec2", "describe_subnets"] = {"Subnets": [{"VpcId": "vpc-1"}]}
    account.answers["ec2", "describe_security_groups"] = {"SecurityGroups": [{"VpcId": "vpc-2"}]}
    (text,) = account.stops(SubnetIds="subnet-1", SecurityGroupIds="sg-1")
    assert "2 networks" in text
    (text,) = account.stops(SubnetIds="subnet-1")
    assert "SubnetIds needs SecurityGroupIds" in text


def test_rights_that_are_missing_are_named(account: Account) -> None:
    account.answers["iam", "simulate_principal_policy"] = account.decisions(refused="iam:CreateRole")
    assert any("iam:CreateRole" in f.text for f in account.findings())
    assert not any("iam:PassRole" in f.text for f in account.findings())


def test_the_rights_of_a_release_are_asked_for_a_release_only(account: Account) -> None:
    names = ("codedeploy:CreateDeployment", "iam:CreateRole")
    assert [name in preflight.ACTIONS for name in names] == [False, True]
    refused = {"EvalActionName": names[0], "EvalDecision": "implicitDeny"}
    asked: list[list[str]] = []

    class Iam:
        def get_paginator(self, _: str) -> Iam:
            return self

        def paginate(self, **call: Any) -> list[Any]:
            asked.append(call["ActionNames"])
            return [{"EvaluationResults": [refused] if names[0] in call["ActionNames"] else []}]

    def client(service: str) -> Any:
        return Iam() if service == "iam" else account.client(service)

    aws = preflight.Aws(client, "eu-west-1", boto3.Session().get_available_regions)
    for release, told in (("", False), ("a1", True)):
        parameters = preflight.defaults(TEMPLATE) | {"Release": release}
        texts = [f.text for f in preflight.findings(aws, "stillframe", parameters)]
        assert any(names[0] in text for text in texts) == told
    assert len(asked) == 2


def test_what_may_not_be_asked_stops_nothing(account: Account) -> None:
    account.answers["iam", "simulate_principal_policy"] = ("AccessDenied", "not yours")
    assert account.stops() == []
    assert any("Not checked (permissions)" in f.text for f in account.findings())


@pytest.mark.parametrize(
    ("machine", "architecture", "emulated"),
    [("x86_64", "x86_64", False), ("aarch64", "arm64", False), ("AMD64", "arm64", True)],
)
def test_a_foreign_architecture_is_emulated(machine: str, architecture: str, emulated: bool) -> None:
    found = list(preflight.tools({"Architecture": architecture}, "/usr/bin/{}".format, machine))
    assert bool(found) == emulated


def test_missing_tools_stop_the_build() -> None:
    found = list(preflight.tools({"Architecture": "x86_64"}, lambda _: None, "x86_64"))
    assert [f.stops for f in found] == [True, True, True]


def test_every_ceiling_is_a_parameter() -> None:
    defaults = preflight.defaults(TEMPLATE)
    assert sum(int(defaults[name]) for name in preflight.CEILINGS) + preflight.UNRESERVED == 157
    others = {"ReserveConcurrency", "ProvisionedConcurrency"}
    assert set(preflight.CEILINGS) == {n for n in defaults if n.endswith("Concurrency")} - others
