"""A release is a version, an alias that every HTTP door calls, and a rollout that alarms take back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from .conftest import of_type, references

DOORS = ["HttpApi", "RestApi", "HttpUrl"]
PERMISSIONS = ["HttpApiPermission", "RestApiPermission", "HttpUrlPermission", "HttpUrlInvokePermission"]
SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"


def chosen(value: Any, **conditions: bool) -> Any:
    """A value as CloudFormation reads it when the conditions are so."""
    if isinstance(value, list):
        return [chosen(item, **conditions) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value and value["Fn::If"][0] in conditions:
        name, yes, no = value["Fn::If"]
        return chosen(yes if conditions[name] else no, **conditions)
    return {key: chosen(item, **conditions) for key, item in value.items()}


@pytest.mark.parametrize("name", [*DOORS, *PERMISSIONS])
def test_every_http_door_calls_the_alias_of_a_release(template: dict[str, Any], name: str) -> None:
    properties = template["Resources"][name]["Properties"]
    released = references(chosen(properties, WithRelease=True)) & {"HttpApiAlias", "HttpApiFunction"}
    assert released <= {"HttpApiAlias"} if name != "HttpUrl" else "HttpApiAlias" in released
    assert references(chosen(properties, WithRelease=False)) & {"HttpApiAlias", "HttpApiFunction"} == {
        "HttpApiFunction"
    }


def test_a_function_url_names_the_alias(template: dict[str, Any]) -> None:
    qualifier = template["Resources"]["HttpUrl"]["Properties"]["Qualifier"]["Fn::If"][1]
    index, split = qualifier["Fn::Select"]
    assert split == {"Fn::Split": [":", {"Ref": "HttpApiAlias"}]}
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:stillframe-HttpApiFunction-1X:live"
    assert arn.split(":")[index] == template["Resources"]["HttpApiAlias"]["Properties"]["Name"]


def test_another_release_is_another_version(template: dict[str, Any]) -> None:
    """SAM's AutoPublishAlias hashes the template, so another parameter value publishes nothing."""
    version = template["Resources"]["HttpApiVersion"]["Properties"]
    assert version == {"FunctionName": {"Ref": "HttpApiFunction"}, "Description": {"Ref": "Release"}}
    region = json.loads((SCHEMAS / "providers" / "eu-west-1.json").read_text(encoding="utf-8"))
    schema = SCHEMAS / "resources" / f"{region['AWS::Lambda::Version']}.json"
    replacing = json.loads(schema.read_text(encoding="utf-8"))["createOnlyProperties"]
    assert "/properties/Description" in replacing
    # Lambda refuses a second version of a function that has not changed.
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    assert shared["RELEASE"] == {"Ref": "Release"}
    assert not [r for r in template["Resources"].values() if "AutoPublishAlias" in r.get("Properties", {})]


def test_alarms_of_its_own_take_a_rollout_back(template: dict[str, Any]) -> None:
    group = template["Resources"]["RolloutGroup"]["Properties"]
    alarms = {alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]}
    assert alarms == set(of_type(template, "AWS::CloudWatch::Alarm"))
    assert alarms == {"RolloutFaults", "RolloutErrors"}
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


def test_a_broken_canary_is_noticed_before_it_is_over(
    template: dict[str, Any], observability: dict[str, Any]
) -> None:
    """It asks what the alarm of faults asks, and answers within the shortest canary."""
    fast = template["Resources"]["RolloutFaults"]["Properties"]
    slow = observability["Resources"]["Faults"]["Properties"]
    seconds = [q["MetricStat"]["Period"] for q in fast["Metrics"] if "MetricStat" in q]
    assert fast["DatapointsToAlarm"] * max(seconds) < 5 * 60
    errors = template["Resources"]["RolloutErrors"]["Properties"]
    assert errors["DatapointsToAlarm"] * errors["Period"] < 5 * 60
    # A tenth of the traffic is the canary's, so a share above a tenth would never be seen.
    assert fast["Threshold"] < 10
    expressions = [[q["Expression"] for q in a["Metrics"] if "Expression" in q] for a in (fast, slow)]
    assert expressions[0] == expressions[1]
    names = [
        {q["MetricStat"]["Metric"]["MetricName"] for q in a["Metrics"] if "MetricStat" in q}
        for a in (fast, slow)
    ]
    assert names[0] == names[1]
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Stillframe"
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}


def test_every_rollout_is_one_of_codedeploys(template: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""
    canary = {f"Canary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)}
    linear = {"Linear10PercentEvery1Minute"}
    linear |= {f"Linear10PercentEvery{minutes}Minutes" for minutes in (2, 3, 10)}
    rollout = template["Parameters"]["Rollout"]
    assert set(rollout["AllowedValues"]) == canary | linear | {"AllAtOnce"}
    name = template["Resources"]["RolloutGroup"]["Properties"]["DeploymentConfigName"]
    assert name == {"Fn::Sub": "CodeDeployDefault.Lambda${Rollout}"}


def test_without_a_release_nothing_of_it_is_made(template: dict[str, Any]) -> None:
    made = {n for n, r in template["Resources"].items() if r.get("Condition") == "WithRelease"}
    rollout = {"RolloutApplication", "RolloutErrors", "RolloutFaults", "RolloutGroup", "RolloutRole"}
    assert made == {"HttpApiVersion", "HttpApiAlias", *rollout}
    for name, resource in template["Resources"].items():
        if resource.get("Condition") != "WithRelease":
            plain = chosen(resource, WithRelease=False, WithProvisioned=False)
            assert not references(plain) & made, name
