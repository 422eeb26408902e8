"""Alarms as CloudWatch evaluates them: datapoints by metric and period, and a template's alarms on them."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from .conftest import of_type

Metric = tuple[str, str, frozenset[tuple[str, str]]]


class Metrics:
    """What CloudWatch has received: values by metric, with the second at which each arrived."""

    def __init__(self) -> None:
        self.points: dict[Metric, list[tuple[float, float]]] = {}

    def put(self, at: float, namespace: str, name: str, value: float, **dimensions: str) -> None:
        """One datapoint, as AWS publishes it."""
        metric = (namespace, name, frozenset(dimensions.items()))
        self.points.setdefault(metric, []).append((at, value))

    def receive(self, at: float, event: Mapping[str, Any]) -> None:
        """An event in the embedded metric format: each value under each set of its dimensions."""
        for directive in event["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: event[name] for name in names}
                for definition in directive["Metrics"]:
                    found = event[definition["Name"]]
                    for value in found if isinstance(found, list) else [found]:
                        self.put(at, directive["Namespace"], definition["Name"], value, **dimensions)

    def log(self, at: float, line: Mapping[str, Any], filters: Mapping[str, dict[str, Any]]) -> None:
        """A log line, counted by the metric filters whose one condition it meets."""
        for found in filters.values():
            match = re.fullmatch(r'\{ \$\.(\w+) = "([^"]*)" \}', found["FilterPattern"])
            assert match
            (made,) = found["MetricTransformations"]
            value = made["MetricValue"] if line.get(match[1]) == match[2] else made["DefaultValue"]
            self.put(at, made["MetricNamespace"], made["MetricName"], float(value))

    def series(self, stat: Mapping[str, Any]) -> dict[int, float]:
        """One statistic of one metric, by period."""
        wanted, period = stat["Metric"], stat["Period"]
        dimensions = frozenset((d["Name"], d["Value"]) for d in wanted.get("Dimensions", []))
        periods: dict[int, list[float]] = {}
        for at, value in self.points.get((wanted["Namespace"], wanted["MetricName"], dimensions), []):
            periods.setdefault(int(at // period), []).append(value)
        return {n: _statistic(stat["Stat"], values) for n, values in periods.items()}


def _statistic(name: str, values: list[float]) -> float:
    if name.startswith("p"):
        rank = math.ceil(float(name[1:]) / 100 * len(values))
        return sorted(values)[max(rank, 1) - 1]
    known: dict[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max}
    return known[name](values)


def firing(template: dict[str, Any], parameters: Mapping[str, Any], metrics: Metrics) -> set[str]:
    """The alarms of the template that are in ALARM at some period."""
    given = {n: p.get("Default") for n, p in template["Parameters"].items()} | dict(parameters)
    conditions = {n: resolve(c, given, {}) for n, c in _ordered(template["Conditions"], given)}
    found = set()
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        if conditions.get(resource.get("Condition"), True):
            alarm = resolve(resource["Properties"], given, conditions)
            if _fires(alarm, metrics):
                found.add(name)
    return found


def filters(template: dict[str, Any], parameters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The metric filters of the template, with the parameters in their places."""
    return {
        name: resolve(properties, parameters, {})
        for name, properties in of_type(template, "AWS::Logs::MetricFilter").items()
    }


def _ordered(conditions: dict[str, Any], given: dict[str, Any]) -> list[tuple[str, Any]]:
    """The conditions, with those that they name written out."""

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"Condition"}:
                return whole(conditions[value["Condition"]])
            return {key: whole(below) for key, below in value.items()}
        return [whole(below) for below in value] if isinstance(value, list) else value

    return [(name, whole(value)) for name, value in conditions.items()]


_NOTHING = object()


def resolve(value: Any, given: Mapping[str, Any], conditions: Mapping[str, bool]) -> Any:
    """A part of a template with its functions done."""
    if isinstance(value, list):
        return [r for item in value if (r := resolve(item, given, conditions)) is not _NOTHING]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, argument),) = value.items()
        if key == "Ref":
            return _NOTHING if argument == "AWS::NoValue" else given.get(argument, argument)
        if key == "Fn::Sub":
            return re.sub(r"\$\{([\w:]+)\}", lambda m: str(given.get(m[1], m[1])), argument)
        if key == "Fn::If":
            return resolve(argument[1 if conditions[argument[0]] else 2], given, conditions)
        parts = resolve(argument, given, conditions) if key.startswith("Fn::") else None
        if key == "Fn::Equals":
            return str(parts[0]) == str(parts[1])
        if key in ("Fn::Not", "Fn::And", "Fn::Or"):
            return {
                "Fn::Not": lambda: not parts[0],
                "Fn::And": lambda: all(parts),
                "Fn::Or": lambda: any(parts),
            }[key]()
    found = {key: resolve(below, given, conditions) for key, below in value.items()}
    return {key: below for key, below in found.items() if below is not _NOTHING}


def _fires(alarm: dict[str, Any], metrics: Metrics) -> bool:
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    if "Metrics" in alarm:
        series = _expression(alarm["Metrics"], metrics)
    else:
        stat = {
            "Metric": {k: alarm[k] for k in ("Namespace", "MetricName", "Dimensions") if k in alarm},
            "Period": alarm["Period"],
            "Stat": alarm.get("Statistic") or alarm["ExtendedStatistic"],
        }
        series = metrics.series(stat)
    bad = {n for n, value in series.items() if value > float(alarm["Threshold"])}
    window, needed = alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    return any(len(bad & set(range(n - window + 1, n + 1))) >= needed for n in bad)


def _expression(parts: list[dict[str, Any]], metrics: Metrics) -> dict[int, float]:
    """The one expression that the alarm is on, period by period; without a value where a metric has none."""
    (wanted,) = (part["Expression"] for part in parts if part["ReturnData"])
    series = {part["Id"]: metrics.series(part["MetricStat"]) for part in parts if "MetricStat" in part}
    periods = {part["MetricStat"]["Period"] for part in parts if "MetricStat" in part}
    assert len(periods) == 1
    # CloudWatch's names of logical operators are capitals, and IF is a function.
    text = re.sub(r"\bIF\(", "IF_(", re.sub(r"\bAND\b", "and", wanted))
    code = compile(ast.parse(text, mode="eval"), "expression", "eval")
    found = {}
    for n in {n for values in series.values() for n in values}:
        known = {name: values.get(n, math.nan) for name, values in series.items()}
        result = eval(code, {"IF_": _choose, "FILL": _fill}, known)
        if not math.isnan(result):
            found[n] = float(result)
    return found


def _choose(condition: bool, one: float, other: float) -> float:
    return one if condition else other


def _fill(value: float, instead: float) -> float:
    return instead if math.isnan(value) else value


def dashboard(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The widgets of the dashboard."""
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return [widget["properties"] for widget in json.loads(body)["widgets"]]
