"""Required properties of buckets, queues, tables, APIs and alarms, and no circular references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

from stillframe.error_body import error_body
from stillframe.errors import RateLimited
from stillframe.telemetry import metrics as captured

from .conftest import FUNCTIONS, ROOT, TEMPLATES, load, of_type, references, walk

# The metrics that AWS and the service publish.
METRICS = {
    "AWS/Lambda": {"Errors", "Throttles", "Duration", "Invocations", "ConcurrentExecutions"},
    "AWS/SQS": {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateAgeOfOldestMessage",
    },
    "AWS/States": {"ExecutionsFailed"},
    "AWS/ApiGateway": {"Count", "4xx", "5xx", "4XXError", "5XXError"},
    "Stillframe": set(captured.METRICS),
}


def dependencies(template: dict[str, Any]) -> dict[str, set[str]]:
    """What each resource needs first; a role taken by name and a DependsOn count as well."""
    names = set(template["Resources"])
    graph = {}
    for name, resource in template["Resources"].items():
        after = resource.get("DependsOn", [])
        own = [resource.get(part, {}) for part in ("Properties", "UpdatePolicy")]
        wanted = references(own) | set([after] if isinstance(after, str) else after)
        graph[name] = wanted & names
    return graph


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_resource_depends_on_itself(path: Path) -> None:
    template = load(path)
    shared = references(template.get("Globals", {}))
    graph = dependencies(template)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            graph[name] |= shared & set(graph)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"circular: {error.args[1]}")
    assert len(order) == len(template["Resources"])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_every_name_that_is_referred_to_exists(path: Path) -> None:
    template = load(path)
    known = (
        set(template["Resources"]) | set(template.get("Parameters", {})) | set(template.get("Conditions", {}))
    )
    local = {"FunctionArn"} if path.name == "bulk.yaml" else set()
    assert references(template["Resources"]) | references(template.get("Outputs", {})) <= known | local


@pytest.mark.parametrize(
    "path",
    [p for p in TEMPLATES if p.name not in ("template.yaml", "observability.yaml")],
    ids=lambda p: p.name,
)
def test_templates_that_are_deployed_unpackaged_have_no_anchors(path: Path) -> None:
    events = yaml.parse(path.read_text(encoding="utf-8"))
    assert not any(isinstance(event, yaml.AliasEvent) for event in events)


# ---------------------------------------------------------------- buckets
BUCKETS = ["InputBucket", "OutputBucket"]


def policy_of(template: dict[str, Any], bucket: str) -> dict[str, dict[str, Any]]:
    document = template["Resources"][f"{bucket}Policy"]["Properties"]["PolicyDocument"]
    return {s["Sid"]: s for s in document["Statement"]}


def test_there_are_two_buckets_with_generated_names(template: dict[str, Any]) -> None:
    buckets = of_type(template, "AWS::S3::Bucket")
    assert sorted(buckets) == BUCKETS
    assert not any("BucketName" in properties for properties in buckets.values())


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_and_encrypted_and_expires_objects(template: dict[str, Any], bucket: str) -> None:
    properties = template["Resources"][bucket]["Properties"]
    block = properties["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    algorithm = encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"]
    assert algorithm in ("AES256", {"Fn::If": ["WithOutputKey", "aws:kms", "AES256"]})
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"]["Ref"] in ("InputDays", "OutputDays")
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_refuses_plain_http_old_tls_and_old_signatures(
    template: dict[str, Any], bucket: str
) -> None:
    policy = policy_of(template, bucket)
    whole = [{"Fn::GetAtt": [bucket, "Arn"]}, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}]
    for sid, condition in {
        "TlsOnly": {"Bool": {"aws:SecureTransport": "false"}},
        "ModernTlsOnly": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }.items():
        statement = policy[sid]
        assert statement["Effect"] == "Deny"
        assert statement["Principal"] == "*"
        assert statement["Action"] == "s3:*"
        assert statement["Resource"] == whole
        assert statement["Condition"] == condition
    assert policy["YoungSignaturesOnly"]["Effect"] == "Deny"
    assert "s3:signatureAge" in policy["YoungSignaturesOnly"]["Condition"]["NumericGreaterThan"]


def test_links_expire_when_the_operator_chose(template: dict[str, Any]) -> None:
    limit = policy_of(template, "OutputBucket")["YoungSignaturesOnly"]["Condition"]["NumericGreaterThan"]
    assert limit == {"s3:signatureAge": {"Fn::Sub": "${PresignSeconds}000"}}  # milliseconds
    # No session of a role lives longer, and a link dies with the session that signed it.
    assert template["Parameters"]["PresignSeconds"]["MaxValue"] == 12 * 3_600
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["PRESIGN_TTL"] == variables["MAX_PRESIGN_TTL"] == {"Ref": "PresignSeconds"}


def test_only_the_functions_write_results(template: dict[str, Any]) -> None:
    statement = policy_of(template, "OutputBucket")["OnlyTheServiceWritesResults"]
    assert statement["Effect"] == "Deny"
    roles = {a["Fn::GetAtt"][0] for a in statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]}
    assert roles == {f"{name}Role" for name in FUNCTIONS}


# ---------------------------------------------------------------- dropped objects
def test_a_result_never_triggers_a_capture(template: dict[str, Any]) -> None:
    pattern = template["Resources"]["DropRule"]["Properties"]["EventPattern"]
    assert pattern["detail"]["bucket"] == {"name": [{"Ref": "InputBucket"}]}
    keys = [k["wildcard"] for k in pattern["detail"]["object"]["key"]]
    assert keys == [f"input/*.{ending}" for ending in ("json", "html", "md", "url")]
    for resource in template["Resources"].values():
        for _, node in walk(resource):
            if isinstance(node, dict) and node.get("Effect") == "Allow" and "s3:PutObject" in node["Action"]:
                assert references(node["Resource"]) == {"OutputBucket"}
    variables = template["Resources"]["S3EventFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["INPUT_PREFIX"] == "input/"
    assert not str(variables["OUTPUT_PREFIX"]).startswith("input/")
    assert "NotificationConfiguration" not in template["Resources"]["OutputBucket"]["Properties"]


# ---------------------------------------------------------------- queues
def test_every_asynchronous_trigger_has_a_dead_letter_queue(
    template: dict[str, Any], functions: dict[str, Any]
) -> None:
    redrive = template["Resources"]["CaptureQueue"]["Properties"]["RedrivePolicy"]
    assert redrive == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]},
        "maxReceiveCount": 5,
    }
    worker = functions["SqsWorkerFunction"]["Environment"]["Variables"]
    assert worker["MAX_RECEIVES"] == redrive["maxReceiveCount"]
    failed = {"Fn::GetAtt": ["FailedEventsQueue", "Arn"]}
    for name in ("DirectInvokeFunction", "S3EventFunction", "ScheduleFunction"):
        config = functions[name]["EventInvokeConfig"]
        assert config["DestinationConfig"] == {"OnFailure": {"Type": "SQS", "Destination": failed}}
        assert config["MaximumRetryAttempts"] <= 1
        # A mass drop waits as long as Lambda allows; what waits an hour elsewhere has lost its caller.
        assert config["MaximumEventAgeInSeconds"] == (21_600 if name == "S3EventFunction" else 3_600)
    (target,) = template["Resources"]["DropRule"]["Properties"]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": failed}
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 21_600
    assert template["Resources"]["Schedule"]["Properties"]["Target"]["DeadLetterConfig"] == {"Arn": failed}
    # Nothing else invokes asynchronously: the API waits for its answer and the queue has its own redrive.
    sources = {n: p.get("Events", {}) for n, p in functions.items()}
    assert {n: [e["Type"] for e in events.values()] for n, events in sources.items() if events} == {
        "SqsWorkerFunction": ["SQS"]
    }


def test_queues_are_encrypted_and_dead_letters_wait_two_weeks(template: dict[str, Any]) -> None:
    queues = of_type(template, "AWS::SQS::Queue")
    assert all(p["SqsManagedSseEnabled"] is True for p in queues.values())
    for name in ("DeadLetterQueue", "FailedEventsQueue"):
        assert queues[name]["MessageRetentionPeriod"] == 1_209_600
    covered = {q["Ref"] for p in of_type(template, "AWS::SQS::QueuePolicy").values() for q in p["Queues"]}
    assert covered == set(queues)


def test_a_message_stays_hidden_for_six_timeouts(template: dict[str, Any]) -> None:
    assert template["Resources"]["CaptureQueue"]["Properties"]["VisibilityTimeout"] == {
        "Fn::FindInMap": ["Timeouts", {"Ref": "JobTimeout"}, "VisibilitySeconds"]
    }
    assert template["Resources"]["SqsWorkerFunction"]["Properties"]["Timeout"] == {"Ref": "JobTimeout"}
    table = template["Mappings"]["Timeouts"]
    for seconds in template["Parameters"]["JobTimeout"]["AllowedValues"]:
        assert 6 * seconds <= table[str(seconds)]["VisibilitySeconds"] <= 43_200


def test_the_worker_receives_one_message_at_a_time(functions: dict[str, Any]) -> None:
    event = functions["SqsWorkerFunction"]["Events"]["Jobs"]["Properties"]
    assert event["Queue"] == {"Fn::GetAtt": ["CaptureQueue", "Arn"]}
    assert event["BatchSize"] == 1
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # A poller that asks for more than the function has throttles messages into the dead-letter queue.
    assert event["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "WorkerConcurrency"}}
    assert functions["SqsWorkerFunction"]["ReservedConcurrentExecutions"]["Fn::If"][1] == {
        "Ref": "WorkerConcurrency"
    }


# ---------------------------------------------------------------- tables
def test_tables_expire_their_items(template: dict[str, Any]) -> None:
    tables = of_type(template, "AWS::DynamoDB::Table")
    assert sorted(tables) == ["JobsTable"]
    for properties in tables.values():
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
        assert properties["TimeToLiveSpecification"]["Enabled"] is True
    # The names that stillframe.jobs.dynamodb writes.
    assert tables["JobsTable"]["TimeToLiveSpecification"]["AttributeName"] == "expires_at"


# ---------------------------------------------------------------- HTTP doors
def test_both_apis_are_throttled_and_lead_to_one_function(template: dict[str, Any]) -> None:
    http, rest = (template["Resources"][name]["Properties"] for name in ("HttpApi", "RestApi"))
    rate, burst = {"Ref": "ThrottleRate"}, {"Ref": "ThrottleBurst"}
    assert http["DefaultRouteSettings"] == {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}
    (method,) = rest["MethodSettings"]
    assert (method["ThrottlingRateLimit"], method["ThrottlingBurstLimit"]) == (rate, burst)
    assert (method["ResourcePath"], method["HttpMethod"]) == ("/*", "*")
    assert rest["BinaryMediaTypes"] == ["*/*"]
    for api, version in ((http, "2.0"), (rest, None)):
        paths = api["DefinitionBody"]["paths"]
        assert set(paths) == {"/", "/{proxy+}"}
        for path in paths.values():
            integration = path["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
            assert integration["type"] == "aws_proxy"
            assert integration.get("payloadFormatVersion") == version
            # A release is called by its alias: test_release.py.
            assert "${HttpApiFunction.Arn}" in integration["uri"]["Fn::If"][2]["Fn::Sub"]
        assert "CorsConfiguration" not in api
    assert template["Resources"]["HttpApi"]["Condition"] == "WithHttpApi"
    assert template["Resources"]["RestApi"]["Condition"] == "WithRestApi"


def test_a_rest_api_refuses_too_many_requests_in_the_words_of_the_service(template: dict[str, Any]) -> None:
    definition = template["Resources"]["RestApi"]["Properties"]["DefinitionBody"]
    responses = definition["x-amazon-apigateway-gateway-responses"]
    assert set(responses) == {"THROTTLED", "QUOTA_EXCEEDED"}
    ours = error_body(RateLimited("slow down"), "id")
    for response in responses.values():
        assert response["statusCode"] == str(RateLimited.status)
        assert response["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"
        theirs = json.loads(response["responseTemplates"]["application/json"])
        # API Gateway's templates know no time in the contract's format.
        assert set(theirs) == set(ours) - {"timestamp"}
        same = ("status", "error_type", "error_details", "code", "retryable", "documentation_url", "target")
        assert {name: theirs[name] for name in same} == {name: ours[name] for name in same}


def test_by_default_the_api_refuses_before_lambda_throttles(template: dict[str, Any]) -> None:
    default = {name: p.get("Default") for name, p in template["Parameters"].items()}
    seconds = 2.5  # of a capture of a real page
    assert default["ThrottleRate"] * seconds <= default["HttpConcurrency"]
    assert default["ThrottleBurst"] <= default["HttpConcurrency"]


def test_the_access_log_has_no_query(template: dict[str, Any]) -> None:
    line = template["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]["Format"]
    fields = json.loads(line)
    assert fields["path"] == "$context.path"
    assert not re.search(r"query|authorization|protocol", line, re.I)


# ---------------------------------------------------------------- alarms and the dashboard
def watched(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each metric that an alarm looks at."""
    if "Metrics" not in alarm:
        yield alarm
    for part in alarm.get("Metrics", []):
        if "MetricStat" in part:
            yield part["MetricStat"]["Metric"]


def choices(value: Any) -> list[Any]:
    """A value, or both of a condition's."""
    return value["Fn::If"][1:] if isinstance(value, dict) and "Fn::If" in value else [value]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_every_alarm_watches_a_metric_that_exists(path: Path) -> None:
    template = load(path)
    made = [f["MetricTransformations"][0] for f in of_type(template, "AWS::Logs::MetricFilter").values()]
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        for metric in watched(alarm):
            for namespace, wanted in zip(
                choices(metric["Namespace"]) * 2, choices(metric["MetricName"]), strict=False
            ):
                if isinstance(namespace, str):
                    assert wanted in METRICS[namespace], name
                else:
                    assert (namespace, wanted) in [(m["MetricNamespace"], m["MetricName"]) for m in made], (
                        name
                    )
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert ("Statistic" in alarm) + ("ExtendedStatistic" in alarm) + ("Metrics" in alarm) == 1, name


def test_every_queue_is_alarmed(observability: dict[str, Any]) -> None:
    queues = {
        (alarm["Dimensions"][0]["Value"]["Ref"], alarm["MetricName"])
        for alarm in of_type(observability, "AWS::CloudWatch::Alarm").values()
        if alarm.get("Namespace") == "AWS/SQS"
    }
    assert queues == {
        ("DeadLetterQueue", "ApproximateNumberOfMessagesVisible"),
        ("FailedEventsQueue", "ApproximateNumberOfMessagesVisible"),
        ("CaptureQueue", "ApproximateAgeOfOldestMessage"),
    }


def test_alarms_and_dashboard_bear_the_name_of_the_stack(
    template: dict[str, Any], observability: dict[str, Any]
) -> None:
    for name, alarm in of_type(observability, "AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmName"] == {"Fn::Sub": f"${{Service}}-{name}"}
    assert observability["Resources"]["Dashboard"]["Properties"]["DashboardName"] == {"Ref": "Service"}
    assert template["Resources"]["Observability"]["Properties"]["Parameters"]["Service"] == {
        "Ref": "AWS::StackName"
    }
    assert template["Outputs"]["DashboardUrl"]["Value"]["Fn::Sub"].endswith("/${AWS::StackName}")
    assert template["Outputs"]["AlarmNames"]["Value"] == {"Fn::Sub": "${AWS::StackName}-"}


def test_alarms_of_a_bulk_run_notify_the_topic_that_is_given() -> None:
    bulk = load(ROOT / "infra" / "bulk.yaml")
    alarms = of_type(bulk, "AWS::CloudWatch::Alarm")
    assert {a["Dimensions"][0]["Name"] for a in alarms.values()} == {"StateMachineArn", "QueueName"}
    for name, alarm in alarms.items():
        assert alarm["AlarmName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
        assert alarm["AlarmActions"] == {
            "Fn::If": ["WithAlarms", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
        }


def test_every_alarm_notifies_the_topic(observability: dict[str, Any]) -> None:
    for alarm in of_type(observability, "AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == {
            "Fn::If": ["WithEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]
        }


def test_the_dashboard_shows_metrics_that_exist(observability: dict[str, Any]) -> None:
    text = observability["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    body = json.loads(text)
    for widget in body["widgets"]:
        for namespace, metric, _, value, *_ in (m for m in widget["properties"]["metrics"] if len(m) > 1):
            assert metric in METRICS[namespace]
            assert re.fullmatch(r"\$\{(\w+)\}", value)
            assert value[2:-1] in observability["Parameters"]


def test_the_nested_stack_is_given_what_it_asks_for(
    template: dict[str, Any], observability: dict[str, Any]
) -> None:
    nested = template["Resources"]["Observability"]["Properties"]
    assert (ROOT / nested["TemplateURL"]).is_file()
    assert set(nested["Parameters"]) == set(observability["Parameters"])


# ---------------------------------------------------------------- the layer
def test_the_layer_is_pinned_as_the_lock_is() -> None:
    block = re.compile(r"^([a-z0-9][\w.-]*==\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.M)
    locked = dict(block.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    layer = dict(
        block.findall((ROOT / "layers/stillframe/python/requirements.txt").read_text(encoding="utf-8"))
    )
    assert {name.split("==")[0] for name in layer} == {
        "annotated-types",
        "aws-lambda-powertools",
        "google-re2",
        "jmespath",
        "pydantic",
        "pydantic-core",
        "typing-extensions",
        "typing-inspection",
    }
    for name, hashes in layer.items():
        assert locked[name] == hashes, name
