"""What a stack costs a month and for a thousand captures: docs/costs.md, or a table for figures of your own.

    python docs/tools/costs.py --seconds 3 --megabytes 0.4 --memory 2048 --captures 100000

Counts of alarms, secrets, rules and metrics are those of the templates. Prices are in price_list.py and, for
Lambda, in tests/bench/prices.py.
"""

from __future__ import annotations

import argparse
import importlib
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
PRICES = importlib.import_module("price_list").PRICES
METRICS = importlib.import_module("stillframe.telemetry.metrics").METRICS
prices: Any = importlib.import_module("tests.bench.prices")

HOURS = prices.MONTH / 3600
STEP_MB = 0.5  # what API Gateway counts as one request of an HTTP API
IMAGE_GB = 0.28  # compressed (docs/benchmarks.md, "Image")
LOG_KB = 4  # of Lambda's own lines and ours, for each capture
SHORT_MS = 50  # an invocation of the HTTP function without a capture
EXPRESS_GB = 0.0625  # the least that Step Functions counts
DOORS = {
    "HTTP API, result in the response": "http",
    "HTTP API, result by link": "link",
    "REST API, result in the response": "rest",
    "Function URL": "url",
    "CloudFront before the function URL": "cdn",
    "Job (`async`), result by link": "job",
    "Input object": "drop",
    "Row of a bulk run": "bulk",
}


@dataclass(frozen=True)
class Capture:
    """What one capture takes: seconds, megabytes of its result, and megabytes that the page loads."""

    seconds: float = 3.0
    megabytes: float = 0.4
    memory: int = 2048
    page_megabytes: float = 2.5
    days: int = 7


class _Loader(yaml.SafeLoader):
    """YAML that takes CloudFormation's tags as they are."""


def _tag(loader: yaml.Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _tag)


def resources(name: str, kind: str) -> list[dict[str, Any]]:
    """The properties of every resource of one type in one template."""
    with (ROOT / name).open(encoding="utf-8") as file:
        found = _Loader(file).get_single_data()["Resources"].values()
    return [resource.get("Properties", {}) for resource in found if resource["Type"] == kind]


def alarm_metrics(name: str) -> int:
    """Metrics that the alarms of a template read; an alarm is billed for each of them."""
    alarms = resources(name, "AWS::CloudWatch::Alarm")
    return sum(len([q for q in a.get("Metrics", []) if "MetricStat" in q]) or 1 for a in alarms)


def own_metrics() -> int:
    """Metrics that captures and logs write, each with one combination of dimensions."""
    filters = resources("infra/observability.yaml", "AWS::Logs::MetricFilter")
    logged = {f["MetricTransformations"][0]["MetricName"] for f in filters}
    return len(METRICS) + len(logged)


def idle() -> Iterator[tuple[str, str, float]]:
    """Part, how it is counted, USD a month of a stack with the defaults that nobody calls."""
    alarms = len(resources("infra/observability.yaml", "AWS::CloudWatch::Alarm"))
    read = alarm_metrics("infra/observability.yaml")
    secrets = len(resources("template.yaml", "AWS::SecretsManager::Secret"))
    yield "Secrets Manager", f"{secrets} secrets", secrets * PRICES["secret_month"]
    yield "CloudWatch alarms", f"{alarms} alarms that read {read} metrics", read * PRICES["alarm_month"]
    yield "CloudWatch dashboard", "1 dashboard", PRICES["dashboard_month"]
    yield "Image in ECR", f"{IMAGE_GB} GB for each image kept", IMAGE_GB * PRICES["image_gb_month"]


def options() -> Iterator[tuple[str, str, float]]:
    """Part, how it is counted, USD a month of what a deployment may add."""
    (acl,) = resources("infra/waf.yaml", "AWS::WAFv2::WebACL")
    rules = len(acl["Rules"])
    bulk = len(resources("infra/bulk.yaml", "AWS::CloudWatch::Alarm"))
    firewall = PRICES["web_acl_month"] + rules * PRICES["waf_rule_month"]
    yield "`infra/waf.yaml`", f"1 list, {rules} rules", firewall
    gateways = len(resources("infra/network.yaml", "AWS::EC2::NatGateway"))
    addresses = len(resources("infra/network.yaml", "AWS::EC2::EIP"))
    yield "`infra/network.yaml`: NAT", f"{gateways} gateway", gateways * HOURS * PRICES["nat_hour"]
    yield (
        "`infra/network.yaml`: its address",
        f"{addresses} address",
        addresses * HOURS * PRICES["address_hour"],
    )
    yield "`infra/bulk.yaml`", f"{bulk} alarms", bulk * PRICES["alarm_month"]
    rollout = alarm_metrics("template.yaml")
    yield "`Release`", f"2 alarms that read {rollout} metrics", rollout * PRICES["alarm_month"]
    for name in ("OutputKmsKeyArn", "SecretsKmsKeyArn"):
        yield f"`{name}`", "1 key", PRICES["key_month"]
    yield "`ProvisionedConcurrency=1`", "2,048 MB, x86_64", prices.ready(2048)
    yield "A domain of your own", "1 hosted zone", PRICES["zone_month"]


def busy() -> Iterator[tuple[str, str, float]]:
    """Part, how it is counted, USD a month of a stack with captures in every hour."""
    metrics = own_metrics()
    yield "Metrics of captures", f"{metrics} metrics", metrics * PRICES["metric_month"]
    detail = "entry point, code and kind of start that occurs"
    yield "`Captures` by door, code and cold start", f"each {detail}", PRICES["metric_month"]


def parts(door: str, capture: Capture) -> dict[str, float]:
    """USD of one capture at one door, by part."""
    gigabytes = capture.megabytes / 1000
    stored = PRICES["s3_put"] + gigabytes * PRICES["s3_gb_month"] * capture.days / 30
    fetched = PRICES["s3_get"]
    transfer = gigabytes * PRICES["egress_gb"]
    short = prices.thousand(SHORT_MS, capture.memory) / 1000
    made = {
        "Lambda": prices.thousand(capture.seconds * 1000, capture.memory) / 1000,
        "Logs": LOG_KB / 1e6 * PRICES["log_gb"],
    }
    if door == "http":
        steps = max(1, math.ceil(capture.megabytes / STEP_MB))
        return made | {"Entry": steps * PRICES["http_api"], "Transfer": transfer}
    if door == "rest":
        return made | {"Entry": PRICES["rest_api"], "Transfer": transfer}
    if door == "url":
        return made | {"Transfer": transfer}
    if door == "cdn":
        return made | {
            "Entry": PRICES["cloudfront_request"],
            "Transfer": gigabytes * PRICES["cloudfront_gb"],
        }
    if door == "link":
        return made | {"Entry": PRICES["http_api"], "S3": stored + fetched, "Transfer": transfer}
    # A place of the site (MAX_PER_SITE) is taken and freed.
    places = 2 * PRICES["dynamodb_write"]
    if door == "job":
        # Submit and two looks at the status; the job is written when submitted, started and done.
        made["Lambda"] += 3 * short
        table = 3 * PRICES["dynamodb_write"] + 3 * PRICES["dynamodb_read"]
        queue = 3 * PRICES["sqs"]  # send, receive, delete
        entry = 3 * PRICES["http_api"]
        return made | {
            "Entry": entry,
            "Queue and table": queue + table + places,
            "S3": stored + fetched,
            "Transfer": transfer,
        }
    if door == "drop":
        # The object, its event, and a result with a report.
        objects = stored + 2 * PRICES["s3_put"] + 2 * fetched
        return made | {
            "Entry": PRICES["eventbridge"],
            "Queue and table": places,
            "S3": objects,
            "Transfer": transfer,
        }
    # Express: a row runs as long as its capture; the result stays in the bucket until it is fetched.
    express = PRICES["express"] + capture.seconds * EXPRESS_GB * PRICES["express_gb_second"]
    return made | {
        "Entry": express,
        "Queue and table": places,
        "S3": stored + fetched,
        "Transfer": transfer,
    }


COLUMNS = ("Lambda", "Entry", "Queue and table", "S3", "Logs", "Transfer")


def thousand(door: str, capture: Capture) -> float:
    """USD of a thousand captures at one door."""
    return 1000 * sum(parts(door, capture).values())


def additions(capture: Capture) -> Iterator[tuple[str, float]]:
    """What a choice adds to a thousand captures."""
    yield "`infra/waf.yaml`", 1000 * PRICES["waf"]
    yield (
        f"`infra/network.yaml`: {capture.page_megabytes} MB of page through the NAT",
        1000 * capture.page_megabytes / 1000 * PRICES["nat_gb"],
    )


def _month(rows: Iterator[tuple[str, str, float]]) -> Iterator[str]:
    yield "| Part | Counted | USD a month |\n| --- | --- | --- |\n"
    for name, counted, usd in rows:
        yield f"| {name} | {counted} | {usd:.2f} |\n"


def by_door(capture: Capture) -> Iterator[str]:
    yield f"| Entry point | {' | '.join(COLUMNS)} | Total |\n| --- {'| --- ' * (len(COLUMNS) + 1)}|\n"
    for name, door in DOORS.items():
        found = parts(door, capture)
        cells = [f"{1000 * found[c]:.4f}" if c in found else "" for c in COLUMNS]
        yield f"| {name} | {' | '.join(cells)} | **{thousand(door, capture):.3f}** |\n"


CASES = {
    "0.5 s, 0.4 MB": Capture(seconds=0.5),
    "3 s, 0.4 MB": Capture(),
    "3 s, 1.5 MB": Capture(megabytes=1.5),
    "10 s, 1.5 MB": Capture(seconds=10, megabytes=1.5),
}


INTRODUCTION = """\
USD in us-east-1, first tier, as published in 2025; look up today's. The free tier is not counted: of an
account it covers three dashboards, ten alarms, ten metrics and 100 GB of transfer. Counts are those of the
templates. `python docs/tools/costs.py --seconds 3 --megabytes 0.4 --captures 100000` writes the tables for
figures of your own.

"""
ENTRIES = """
The entry is API Gateway (an HTTP API counts every 512 KB), CloudFront, EventBridge or Step Functions
(Express). Transfer within a region is free: callers and readers on AWS in the same region pay none. A choice
adds:

| Choice | USD |
| --- | --- |
"""


def page() -> Iterator[str]:
    """docs/costs.md."""
    usual = Capture()
    yield "# Costs\n\n"
    yield INTRODUCTION
    yield "## Idle\n\nThe stack with its defaults, which nobody calls:\n\n"
    yield from _month(idle())
    yield f"| **Together** | | **{sum(usd for _, _, usd in idle()):.2f}** |\n\n"
    yield (
        "Functions, APIs, queues, the table, buckets, CodeDeploy, schedules and the first two budgets cost"
        " nothing while nobody calls them. Metrics are billed for the hours in which they get data; with"
        " captures in every hour of the month these come to it:\n\n"
    )
    yield from _month(busy())
    yield "\nWhat a deployment may add:\n\n"
    yield from _month(options())
    yield (
        f"\n## A thousand captures\n\nUSD for captures of {usual.seconds:.0f} s, {usual.megabytes} MB,"
        f" {usual.memory:,} MB of memory on x86_64, results kept {usual.days} days and fetched once over the"
        " internet:\n\n"
    )
    yield from by_door(usual)
    yield ENTRIES
    for name, usd in additions(usual):
        yield f"| {name} | {usd:.4f} |\n"
    yield f"\nTotals of other captures:\n\n| Entry point | {' | '.join(CASES)} |\n"
    yield f"| --- {'| --- ' * len(CASES)}|\n"
    for name, door in DOORS.items():
        yield f"| {name} | {' | '.join(f'{thousand(door, c):.3f}' for c in CASES.values())} |\n"
    yield (
        "\nSeconds are those that Lambda bills, a cold start included. Memory and price:"
        " [deploy.md](deploy.md#memory-and-price).\n"
    )


def main() -> None:
    usual = Capture()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--captures", type=int, default=1000, help="a month")
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of one capture")
    parser.add_argument("--megabytes", type=float, default=usual.megabytes, help="of one result")
    parser.add_argument("--memory", type=int, default=usual.memory, help="MB of the functions")
    parser.add_argument("--days", type=int, default=usual.days, help="that results are kept")
    given = parser.parse_args()
    capture = replace(
        usual, seconds=given.seconds, megabytes=given.megabytes, memory=given.memory, days=given.days
    )
    fixed = sum(usd for _, _, usd in idle())
    print("".join(by_door(capture)))
    print(f"{given.captures:,} captures a month, with {fixed:.2f} USD of the idle stack:")
    for name, door in DOORS.items():
        print(f"{fixed + given.captures / 1000 * thousand(door, capture):10.2f} USD  {name}")


if __name__ == "__main__":
    main()
