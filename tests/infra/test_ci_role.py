"""CloudFormation's role of infra/ci-role.yaml may do what the handlers of every resource ask for.

The handlers' permissions are those of the resource schemas that cfn-lint ships.
"""

from __future__ import annotations

import fnmatch
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from .conftest import ROOT, load
from .test_permissions import WITHOUT_RESOURCE, as_list

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
HANDLERS = ("create", "read", "update", "delete")
STACK, ACCOUNT = "stillframe", "123456789012"
HERE = f"eu-west-1:{ACCOUNT}"

# What SAM makes of its own types.
TRANSFORMED = {
    "AWS::Serverless::Function": [
        "AWS::Lambda::Function",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
    ],
    "AWS::Serverless::LayerVersion": ["AWS::Lambda::LayerVersion"],
    "AWS::Serverless::HttpApi": ["AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"],
    "AWS::Serverless::Api": [
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::Stage",
    ],
}
# Actions that no schema names; each with where AWS asks for them.
UNLISTED = {
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
    "AWS::ApiGatewayV2::Stage": [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ],
    # https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions
    "AWS::Lambda::Function": [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetRepositoryPolicy",
        "ecr:SetRepositoryPolicy",
    ],
}
# Actions of features that the templates do not use.
UNUSED = {
    "a customer-managed key of the resource itself": "kms:*",
    "billing views of other accounts": "billing:*",
    "capacity providers": "lambda:PassCapacityProvider lambda:*FunctionScalingConfig",
    "code signing": "lambda:GetCodeSigningConfig lambda:*FunctionCodeSigningConfig",
    "file systems": "elasticfilesystem:* s3files:*",
    "runtime pinning": "lambda:AssociateRuntimeAlias lambda:PutRuntimeManagementConfig",
    "recursion settings": "lambda:PutFunctionRecursionConfig",
    "snapshots of functions": "lambda:PublishVersion@AWS::Lambda::Function",
    "machines of one's own": "codedeploy:RegisterOnPremisesInstance",
    "metadata tables": "s3tables:* s3:*BucketMetadata*",
    "bucket features": (
        "s3:*Accelerate* s3:*Analytics* s3:*BucketAbac s3:*Cors s3:*CORS s3:*BucketLogging s3:*ObjectLock*"
        " s3:*Replication s3:*ReplicationConfiguration s3:*Website s3:*IntelligentTiering* s3:*Inventory*"
        " s3:*MetricsConfiguration s3:*Acl"
    ),
    "buckets that CloudFormation empties": "s3:DeleteObject",
    "removing encryption or lifecycle, which IAM files under Put": "s3:DeleteBucket[EL]*",
    "tags of access points": "s3:ListTagsForResource s3:TagResource s3:UntagResource",
    "no such IAM action": "s3:REST.PUT.OBJECT s3:GetObjectMetadata s3:PutBucketReplication",
    "no such IAM action: PUT and DELETE of /tags": "apigateway:*agResource",
    "table replicas, imports and streams": (
        "dynamodb:*Replica dynamodb:*Item dynamodb:Query dynamodb:Scan dynamodb:*Import*"
        " dynamodb:EnableKinesis* dynamodb:DisableKinesis* dynamodb:UpdateKinesis* kinesis:*"
        " dynamodb:UpdateContributorInsights dynamodb:UpdateContinuousBackups dynamodb:*tResourcePolicy"
        " dynamodb:DeleteResourcePolicy"
    ),
    "service-linked roles": "iam:CreateServiceLinkedRole",
    "secrets in several regions": "secretsmanager:*Regions*",
    "policies of users and groups": "iam:*GroupPolicy iam:*UserPolicy",
    "permissions boundaries": "iam:*PermissionsBoundary",
    "feedback roles of topics": "iam:GetRole@AWS::SNS::Topic iam:PassRole@AWS::SNS::Topic",
    "data protection and indexes of logs": (
        "logs:*DataProtectionPolicy logs:PutIndexPolicy logs:DeleteIndexPolicy logs:PutBearerToken*"
        " logs:*KmsKey logs:*DeletionProtection firehose:*"
    ),
    "data protection of topics": "sns:*DataProtectionPolicy",
    "policies of REST APIs": "apigateway:UpdateRestApiPolicy",
    "stack policies and protection": "cloudformation:*StackPolicy cloudformation:*TerminationProtection",
    "roles of bucket replication, targets, tables and REST APIs": (
        "iam:PassRole@AWS::S3::Bucket iam:PassRole@AWS::Events::Rule iam:PassRole@AWS::ApiGateway::RestApi"
        " iam:PassRole@AWS::CloudFormation::Stack"
    ),
    "API definitions in a bucket": "s3:GetObject@AWS::ApiGateway::RestApi s3:getObject",
    "log groups of imports": "logs:*@AWS::DynamoDB::Table s3:*@AWS::DynamoDB::Table",
}
_API = "arn:aws:apigateway:eu-west-1::"
# What each service calls the resources that a handler touches.
NAMES: dict[str, list[str]] = {
    "AWS::ApiGateway::Deployment": ["/restapis", "/restapis/a1", "/restapis/a1/deployments/d"],
    "AWS::ApiGateway::RestApi": ["/restapis", "/restapis/a1", "/tags/arn%3Aaws"],
    "AWS::ApiGateway::Stage": ["/restapis/a1/stages", "/restapis/a1/stages/live", "/tags/arn%3Aaws"],
    "AWS::ApiGatewayV2::Api": ["/apis", "/apis/a1", "/tags/arn%3Aaws"],
    "AWS::ApiGatewayV2::Stage": ["/apis/a1/stages", "/apis/a1/stages/$default", "/tags/arn%3Aaws"],
    "AWS::Budgets::Budget": [f"arn:aws:budgets::{ACCOUNT}:budget/Budget-8aY"],
    "AWS::CloudFormation::Stack": [f"arn:aws:cloudformation:{HERE}:stack/{STACK}-Observability-1X/guid"],
    "AWS::CloudWatch::Alarm": [f"arn:aws:cloudwatch:{HERE}:alarm:{STACK}-HttpApiErrors"],
    "AWS::CloudWatch::Dashboard": [f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{STACK}"],
    "AWS::CodeDeploy::Application": [f"arn:aws:codedeploy:{HERE}:application:{STACK}-RolloutApplication-1X"],
    "AWS::CodeDeploy::DeploymentGroup": [
        f"arn:aws:codedeploy:{HERE}:application:{STACK}-RolloutApplication-1X",
        f"arn:aws:codedeploy:{HERE}:deploymentgroup:{STACK}-RolloutApplication-1X/{STACK}-RolloutGroup-1X",
        f"arn:aws:codedeploy:{HERE}:deploymentconfig:CodeDeployDefault.LambdaCanary10Percent5Minutes",
    ],
    "AWS::DynamoDB::Table": [f"arn:aws:dynamodb:{HERE}:table/{STACK}-JobsTable-1X"],
    "AWS::Events::Rule": [f"arn:aws:events:{HERE}:rule/{STACK}-DropRule-1X"],
    "AWS::IAM::ManagedPolicy": [f"arn:aws:iam::{ACCOUNT}:policy/{STACK}-VpcPolicy-1X"],
    "AWS::IAM::Role": [f"arn:aws:iam::{ACCOUNT}:role/{STACK}-HttpApiRole-1X"],
    "AWS::Lambda::EventSourceMapping": [f"arn:aws:lambda:{HERE}:event-source-mapping:guid"],
    "AWS::Lambda::LayerVersion": [f"arn:aws:lambda:{HERE}:layer:StillframeLayer"],
    "AWS::Logs::LogGroup": [f"arn:aws:logs:{HERE}:log-group:{STACK}-HttpApiLogGroup-1X"],
    "AWS::S3::Bucket": [f"arn:aws:s3:::{STACK}-inputbucket-1x"],
    "AWS::SNS::Topic": [f"arn:aws:sns:{HERE}:{STACK}-Observability-1X-AlarmTopic-1X"],
    "AWS::SQS::Queue": [f"arn:aws:sqs:{HERE}:{STACK}-CaptureQueue-1X"],
    "AWS::Scheduler::Schedule": [f"arn:aws:scheduler:{HERE}:schedule/{STACK}-captures/{STACK}-Schedule-1X"],
    "AWS::Scheduler::ScheduleGroup": [f"arn:aws:scheduler:{HERE}:schedule-group/{STACK}-captures"],
    "AWS::SecretsManager::Secret": [f"arn:aws:secretsmanager:{HERE}:secret:AuthTokenSecret-1X-ab12"],
}
_FUNCTION = [f"arn:aws:lambda:{HERE}:function:{STACK}-HttpApiFunction-1X"]
for _kind in ("Function", "EventInvokeConfig", "Permission", "Url"):
    NAMES[f"AWS::Lambda::{_kind}"] = _FUNCTION
for _kind in ("Alias", "Version"):
    NAMES[f"AWS::Lambda::{_kind}"] = [*_FUNCTION, f"{_FUNCTION[0]}:live", f"{_FUNCTION[0]}:7"]
NAMES["AWS::S3::BucketPolicy"] = NAMES["AWS::S3::Bucket"]
NAMES["AWS::SQS::QueuePolicy"] = NAMES["AWS::SQS::Queue"]
NAMES["AWS::Logs::MetricFilter"] = NAMES["AWS::Logs::LogGroup"]
# A handler also touches what is not its own: artifacts, the image, roles that it passes on.
FOREIGN = {
    "s3": ["arn:aws:s3:::artifacts/0123456789.template"],
    "ecr": [f"arn:aws:ecr:{HERE}:repository/stillframe"],
    "iam": NAMES["AWS::IAM::Role"],
    "logs": NAMES["AWS::Logs::LogGroup"],
    "codedeploy": NAMES["AWS::CodeDeploy::DeploymentGroup"],
    "lambda": [f"arn:aws:lambda:{HERE}:layer:StillframeLayer:3"],
}
VALUES = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": ACCOUNT,
    "StillframeStack": STACK,
    "ArtifactBucket": "artifacts",
    "ImageRepositoryArn": f"arn:aws:ecr:{HERE}:repository/stillframe",
}


@functools.cache
def handlers(kind: str) -> frozenset[str]:
    """The actions that CloudFormation takes to create, read, update and delete one type."""
    region = json.loads((SCHEMAS / "providers" / "eu-west-1.json").read_text(encoding="utf-8"))
    # Budgets belong to no region, and stand in that of their endpoint.
    if kind not in region:
        region = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text(encoding="utf-8"))
    schema = json.loads((SCHEMAS / "resources" / f"{region[kind]}.json").read_text(encoding="utf-8"))
    found = {a for h in HANDLERS for a in schema["handlers"].get(h, {}).get("permissions", [])}
    return frozenset(found | set(UNLISTED.get(kind, [])))


def unused(kind: str, action: str) -> bool:
    for patterns in UNUSED.values():
        for pattern in patterns.split():
            name, _, only = pattern.partition("@")
            if fnmatch.fnmatchcase(action, name) and only in ("", kind):
                return True
    return False


def kinds() -> list[str]:
    """Every type of resource that the stack and its nested stack create, after SAM's transform."""
    found: set[str] = set()
    for path in (ROOT / "template.yaml", ROOT / "infra" / "observability.yaml"):
        for resource in load(path)["Resources"].values():
            found |= set(TRANSFORMED.get(resource["Type"], [resource["Type"]]))
    return sorted(found)


def targets(kind: str, action: str) -> list[str]:
    """The resources on which a handler takes an action; `*` where the action knows none."""
    if action in WITHOUT_RESOURCE:
        return ["*"]
    service = action.split(":")[0]
    own = [name if name.startswith("arn:") else f"{_API}{name}" for name in NAMES[kind]]
    named = [name for name in own if name.split(":")[2] == service]
    if kind == "AWS::Lambda::Function" and action == "lambda:GetLayerVersion":
        return FOREIGN["lambda"]
    if kind == "AWS::Lambda::LayerVersion" and action in (
        "lambda:DeleteLayerVersion",
        "lambda:GetLayerVersion",
    ):
        return FOREIGN["lambda"]
    if action in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
        return NAMES["AWS::IAM::Role"]
    return named or FOREIGN[service]


@functools.cache
def allowed() -> list[tuple[str, str]]:
    """Pairs of action and resource pattern that the role grants."""
    role = load(ROOT / "infra" / "ci-role.yaml")["Resources"]["ExecutionRole"]["Properties"]
    pairs = []
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            for resource in as_list(statement["Resource"]):
                pairs += [(action, resolved(resource)) for action in as_list(statement["Action"])]
    return pairs


def resolved(value: Any) -> str:
    text = value if isinstance(value, str) else value.get("Fn::Sub") or f"${{{value['Ref']}}}"
    return re.sub(r"\$\{([\w:]+)\}", lambda match: VALUES[match[1]], text)


def may(action: str, resource: str) -> bool:
    """IAM's rule for one action on one resource: `*` as a resource is met by nothing but `*`."""
    return any(
        granted.lower() == action.lower()
        and (pattern == "*" or (resource != "*" and fnmatch.fnmatchcase(resource, pattern)))
        for granted, pattern in allowed()
    )


def asked(kind: str) -> Iterator[tuple[str, str]]:
    for action in sorted(handlers(kind)):
        if not unused(kind, action):
            yield from ((action, resource) for resource in targets(kind, action))


@pytest.mark.parametrize("kind", kinds())
def test_cloudformation_may_create_change_and_delete(kind: str) -> None:
    refused = [f"{action} on {resource}" for action, resource in asked(kind) if not may(action, resource)]
    assert not refused


def test_the_role_holds_nothing_that_no_handler_asks_for() -> None:
    wanted = {action.lower() for kind in kinds() for action in handlers(kind)}
    # CloudFormation's own call for the transform.
    wanted |= {"cloudformation:createchangeset"}
    assert {action for action, _ in allowed() if action.lower() not in wanted} == set()


def test_every_reason_still_excuses_something() -> None:
    taken = {(kind, action) for kind in kinds() for action in handlers(kind)}
    for reason, patterns in UNUSED.items():
        for pattern in patterns.split():
            name, _, only = pattern.partition("@")
            assert any(fnmatch.fnmatchcase(a, name) and only in ("", k) for k, a in taken), (reason, pattern)


def test_an_action_without_a_resource_is_granted_on_nothing_narrower() -> None:
    for action, pattern in allowed():
        if action in WITHOUT_RESOURCE:
            assert pattern == "*", action
