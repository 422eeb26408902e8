"""One role per function, and every policy names its actions and resources without '*'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import BROWSERS, FUNCTIONS, TEMPLATES, load, of_type, references, walk

# Actions that AWS grants for every resource or not at all.
WITHOUT_RESOURCE = {
    "ec2:CreateNetworkInterface": "Lambda checks the VPC rights of a role on every resource",
    "ec2:DescribeNetworkInterfaces": "EC2 describes as a whole",
    "ec2:DescribeSubnets": "EC2 describes as a whole",
    "ec2:DeleteNetworkInterface": "Lambda checks the VPC rights of a role on every resource",
    "ec2:AssignPrivateIpAddresses": "Lambda checks the VPC rights of a role on every resource",
    "ec2:UnassignPrivateIpAddresses": "Lambda checks the VPC rights of a role on every resource",
    "ec2:DescribeSecurityGroups": "EC2 describes as a whole",
    "ec2:DescribeVpcs": "EC2 describes as a whole",
    "lambda:CreateEventSourceMapping": "the mapping has no name before it exists",
    "logs:CreateLogDelivery": "deliveries have no ARN",
    "logs:DeleteLogDelivery": "deliveries have no ARN",
    "logs:DeleteResourcePolicy": "the account's policies of CloudWatch Logs have no ARN",
    "logs:DescribeIndexPolicies": "Logs describes as a whole",
    "logs:DescribeLogGroups": "Logs describes as a whole",
    "logs:DescribeResourcePolicies": "the account's policies of CloudWatch Logs have no ARN",
    "logs:GetLogDelivery": "deliveries have no ARN",
    "logs:ListLogDeliveries": "deliveries have no ARN",
    "logs:PutResourcePolicy": "the account's policies of CloudWatch Logs have no ARN",
    "logs:UpdateLogDelivery": "deliveries have no ARN",
    "sns:Unsubscribe": "a subscription is no resource of a policy",
    "ecr:GetAuthorizationToken": "a login is for the registry, not for a repository",
    "secretsmanager:GetRandomPassword": "reads no secret",
    "xray:PutTelemetryRecords": "traces have no ARN",
    "xray:PutTraceSegments": "traces have no ARN",
}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy statement below a value."""
    for path, node in walk(value):
        if isinstance(node, dict) and "Effect" in node:
            yield path, node


def granted(template: dict[str, Any], role: str) -> list[dict[str, Any]]:
    """What a role's own policies allow, without its trust policy."""
    return [
        s
        for _, s in statements(template["Resources"][role]["Properties"]["Policies"])
        if s["Effect"] == "Allow"
    ]


def actions_on(template: dict[str, Any], role: str, resource: str) -> set[str]:
    """The actions that a role may do on one resource of the template."""
    return {
        action
        for statement in granted(template, role)
        if resource in references(statement["Resource"])
        for action in as_list(statement["Action"])
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_statement_allows_a_wildcard(path: Path) -> None:
    for where, statement in statements(load(path)):
        if statement["Effect"] != "Allow":
            continue
        assert "NotAction" not in statement, where
        assert "NotResource" not in statement, where
        actions = as_list(statement["Action"])
        assert not [a for a in actions if "*" in a], where
        if "Resource" in statement and "*" in as_list(statement["Resource"]):
            assert set(actions) <= set(WITHOUT_RESOURCE), where


def test_each_function_has_a_role_of_its_own(template: dict[str, Any], functions: dict[str, Any]) -> None:
    roles = [p["Role"]["Fn::GetAtt"][0] for p in functions.values()]
    assert sorted(roles) == sorted(f"{name}Role" for name in FUNCTIONS)
    for role in roles:
        properties = template["Resources"][role]["Properties"]
        assert properties.get("ManagedPolicyArns") in (
            None,
            {"Fn::If": ["InVpc", [{"Ref": "VpcPolicy"}], {"Ref": "AWS::NoValue"}]},
        )
        trust = properties["AssumeRolePolicyDocument"]["Statement"]
        assert [s["Principal"] for s in trust] == [{"Service": "lambda.amazonaws.com"}]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_writes_its_own_log_only(template: dict[str, Any], name: str) -> None:
    logs = [
        s
        for s in granted(template, f"{name}Role")
        if any(a.startswith("logs:") for a in as_list(s["Action"]))
    ]
    assert logs == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::GetAtt": [f"{name}LogGroup", "Arn"]},
        }
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_is_limited_to_a_prefix_of_each_bucket(template: dict[str, Any], name: str) -> None:
    for statement in granted(template, f"{name}Role"):
        if not any(action.startswith("s3:") for action in as_list(statement["Action"])):
            continue
        text = statement["Resource"]["Fn::Sub"]
        # The schedule's function captures nothing: it only stores requests too large for the queue.
        written = "output/requests/*" if name == "Schedule" else "output/*"
        assert text in (
            f"${{OutputBucket.Arn}}/{written}",
            "${InputBucket.Arn}/input/*",
            "${InputBucket.Arn}/manifests/*",
            "${InputBucket.Arn}/sources/*",
        )
        assert not {"s3:ListBucket", "s3:DeleteObject", "s3:PutObjectAcl"} & set(as_list(statement["Action"]))


def test_each_role_has_the_actions_it_needs(template: dict[str, Any]) -> None:
    table = {
        name: {r: actions_on(template, f"{name}Role", r) for r in ("InputBucket", "OutputBucket")}
        for name in FUNCTIONS
    }
    both = {"s3:PutObject", "s3:GetObject"}
    assert table == {
        "HttpApi": {"InputBucket": {"s3:GetObject"}, "OutputBucket": both},
        "DirectInvoke": {"InputBucket": {"s3:GetObject"}, "OutputBucket": both},
        "S3Event": {"InputBucket": {"s3:GetObject", "s3:GetObjectVersion"}, "OutputBucket": both},
        "SqsWorker": {"InputBucket": {"s3:GetObject"}, "OutputBucket": both},
        "Schedule": {"InputBucket": {"s3:GetObject"}, "OutputBucket": {"s3:PutObject"}},
    }
    consumers = [
        n for n in FUNCTIONS if "sqs:ReceiveMessage" in actions_on(template, f"{n}Role", "CaptureQueue")
    ]
    assert consumers == ["SqsWorker"]
    readers = [n for n in FUNCTIONS if actions_on(template, f"{n}Role", "AuthTokenSecret")]
    assert readers == ["HttpApi"]
    readers = [n for n in FUNCTIONS if actions_on(template, f"{n}Role", "WebhookSecretArn")]
    assert readers == ["HttpApi", "SqsWorker"]
    readers = [n for n in FUNCTIONS if actions_on(template, f"{n}Role", "ProxyPasswordSecretArn")]
    assert readers == BROWSERS


def test_only_the_event_function_reads_input_objects(template: dict[str, Any]) -> None:
    readers = {
        name
        for name in FUNCTIONS
        for statement in granted(template, f"{name}Role")
        if statement["Resource"] == {"Fn::Sub": "${InputBucket.Arn}/input/*"}
    }
    assert readers == {"S3Event"}


def test_a_key_is_used_through_its_service_only(template: dict[str, Any]) -> None:
    users: dict[str, list[str]] = {}
    for name in FUNCTIONS:
        for statement in granted(template, f"{name}Role"):
            if any(action.startswith("kms:") for action in as_list(statement["Action"])):
                assert "kms:ViaService" in statement["Condition"]["StringEquals"]
                users.setdefault(statement["Resource"]["Ref"], []).append(name)
    assert users == {"OutputKmsKeyArn": FUNCTIONS, "SecretsKmsKeyArn": BROWSERS}


def test_a_failed_event_can_reach_its_queue(template: dict[str, Any], functions: dict[str, Any]) -> None:
    for name, properties in functions.items():
        if "EventInvokeConfig" in properties:
            role = properties["Role"]["Fn::GetAtt"][0]
            assert "sqs:SendMessage" in actions_on(template, role, "FailedEventsQueue"), name


def test_every_permission_names_its_caller(template: dict[str, Any]) -> None:
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        if permission["Principal"] == "*":
            # A public function URL: chosen by parameter, and open through the URL only.
            assert template["Resources"][name]["Condition"] == "WithPublicUrl"
            assert (
                permission.get("FunctionUrlAuthType") == "NONE"
                or permission.get("InvokedViaFunctionUrl") is True
            )
        else:
            assert "SourceArn" in permission, name
    assert template["Resources"]["DropPermission"]["Properties"]["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert template["Parameters"]["FunctionUrl"]["Default"] == "none"


def test_the_network_rights_cannot_be_used_from_inside_a_function(template: dict[str, Any]) -> None:
    allow, deny = template["Resources"]["VpcPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (allow["Effect"], deny["Effect"]) == ("Allow", "Deny")
    assert allow["Action"] == deny["Action"]
    assert "lambda:SourceFunctionArn" in deny["Condition"]["ArnLike"]
