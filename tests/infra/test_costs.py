"""docs/tools/costs.py counts everything of the templates that is billed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from stillframe.telemetry.metrics import METRICS

from .conftest import ROOT, TEMPLATES, load
from .scripts import script

costs = script("costs", "docs/tools")
# Billed for being there: the table has a row for each.
BY_THE_MONTH = {
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::EIP",
    "AWS::EC2::NatGateway",
    "AWS::ECR::Repository",
    "AWS::SecretsManager::Secret",
    "AWS::WAFv2::WebACL",
}
# Billed by use: a part of each capture.
BY_USE = {
    "AWS::CloudFront::Distribution",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::Lambda::Url",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::StepFunctions::StateMachine",
}
# Not billed, or not beyond cents: https://aws.amazon.com/pricing/ of each service.
FREE = {
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::Budgets::Budget",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::ECR::SigningConfiguration",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::MetricFilter",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Serverless::LayerVersion",
    "AWS::Signer::SigningProfile",
    "AWS::WAFv2::WebACLAssociation",
}
NETWORK = re.compile(r"AWS::EC2::(?!EIP$|NatGateway$).*")


def test_every_type_of_resource_is_counted_or_free() -> None:
    used = {r["Type"] for path in TEMPLATES for r in load(path)["Resources"].values()}
    unknown = {kind for kind in used - BY_THE_MONTH - BY_USE - FREE if not NETWORK.fullmatch(kind)}
    assert not unknown


def test_what_is_billed_by_the_month_has_a_row() -> None:
    text = " ".join(f"{name} {counted}" for name, counted, _ in [*costs.idle(), *costs.options()])
    for word in ("secrets", "alarms", "dashboard", "gateway", "address", "ECR", "rules"):
        assert word in text, word


def test_the_sum_of_an_idle_stack_is_that_of_its_parts() -> None:
    table = costs.page()
    page = "".join(table)
    total = re.search(r"\*\*Together\*\* \| \| \*\*([\d.]+)\*\*", page)
    assert total is not None
    assert float(total[1]) == pytest.approx(sum(usd for _, _, usd in costs.idle()), abs=0.005)


def test_an_alarm_costs_each_metric_that_it_reads() -> None:
    alarms = load(ROOT / "template.yaml")["Resources"]["RolloutFaults"]["Properties"]["Metrics"]
    assert sum("MetricStat" in query for query in alarms) == 2
    assert costs.alarm_metrics("template.yaml") == 3  # and one of RolloutErrors


def test_every_metric_of_a_capture_is_counted() -> None:
    (first, *_) = costs.busy()
    assert first[2] == pytest.approx(costs.own_metrics() * 0.30)
    assert costs.own_metrics() > len(METRICS)


def test_an_http_api_counts_every_half_megabyte() -> None:
    small, large = costs.Capture(megabytes=0.5), costs.Capture(megabytes=0.51)
    assert costs.parts("http", large)["Entry"] == 2 * costs.parts("http", small)["Entry"]
    assert costs.parts("rest", large)["Entry"] == costs.parts("rest", small)["Entry"]


def test_transfer_may_cost_more_than_the_capture() -> None:
    quick = costs.parts("http", costs.Capture(seconds=0.48, megabytes=1))
    assert quick["Transfer"] > 5 * quick["Lambda"]


@pytest.mark.parametrize("door", sorted(costs.DOORS.values()))
def test_every_door_grows_with_time_and_size(door: str) -> None:
    usual = costs.Capture()
    assert costs.thousand(door, replace(usual, seconds=6)) > costs.thousand(door, usual)
    assert costs.thousand(door, replace(usual, megabytes=4)) > costs.thousand(door, usual)


def test_every_price_is_used() -> None:
    source = (ROOT / "docs" / "tools" / "costs.py").read_text(encoding="utf-8")
    assert [name for name in costs.PRICES if f'PRICES["{name}"]' not in source] == []


def test_the_table_is_found() -> None:
    assert "(costs.md" in (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
