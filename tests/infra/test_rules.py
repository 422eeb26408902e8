"""Parameters that only work together are refused alone, before anything is created."""

from __future__ import annotations

from typing import Any

import pytest


def evaluate(value: Any, parameters: dict[str, Any]) -> Any:
    """CloudFormation's rule functions, for those that the template uses."""
    if not isinstance(value, dict):
        return value
    ((name, argument),) = value.items()
    if name == "Ref":
        return parameters[argument]
    given = [evaluate(item, parameters) for item in argument]
    if name == "Fn::Not":
        return not given[0]
    if name == "Fn::Equals":
        return str(given[0]) == str(given[1])
    if name == "Fn::Or":
        return any(given)
    if name == "Fn::Contains":
        return given[1] in given[0]
    raise ValueError(name)


def refusals(template: dict[str, Any], **given: Any) -> list[str]:
    parameters = {}
    for name, row in template["Parameters"].items():
        value = given.get(name, row.get("Default", ""))
        # A blank list is one blank item in CloudFormation.
        parameters[name] = value.split(",") if row["Type"] == "CommaDelimitedList" else value
    return [
        assertion["AssertDescription"]
        for rule in template["Rules"].values()
        if evaluate(rule["RuleCondition"], parameters)
        for assertion in rule["Assertions"]
        if not evaluate(assertion["Assert"], parameters)
    ]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"AlarmEmail": "a@example.com"},
        {"AlarmEmail": "a@example.com", "MonthlyBudget": 50},
        {"SubnetIds": "subnet-1,subnet-2", "SecurityGroupIds": "sg-1"},
        {"Release": "a1", "Rollout": "Canary10Percent5Minutes", "ProvisionedConcurrency": 2},
        {"ProxyServer": "proxy.example", "ProxyUsername": "u", "ProxyPasswordSecretArn": "arn:aws:ssm:…"},
    ],
)
def test_what_works_together_is_taken(template: dict[str, Any], given: dict[str, Any]) -> None:
    assert refusals(template, **given) == []


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"MonthlyBudget": 50}, "AlarmEmail"),
        ({"SubnetIds": "subnet-1"}, "SecurityGroupIds"),
        ({"SecurityGroupIds": "sg-1"}, "SubnetIds"),
        ({"ProxyServer": "proxy.example", "ProxyPasswordSecretArn": "arn:aws:ssm:…"}, "ProxyUsername"),
        ({"ProxyUsername": "u"}, "ProxyServer"),
        ({"Rollout": "Canary10Percent5Minutes"}, "Release"),
        ({"ProvisionedConcurrency": 2}, "Release"),
    ],
)
def test_what_would_be_ignored_is_refused(
    template: dict[str, Any], given: dict[str, Any], missing: str
) -> None:
    (text,) = refusals(template, **given)
    assert missing in text
