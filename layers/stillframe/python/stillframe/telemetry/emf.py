"""Metrics in CloudWatch's embedded metric format: one line of standard output for each record.

The lines do not pass the logger, so LOG_LEVEL cannot silence a metric.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics

from .captures import CaptureRecord
from .metrics import METRICS


class EmfSink:
    """Writes each record at once: an environment that is frozen or killed after it loses nothing.

    Every metric has the dimension `service`, the name of the stack. CloudWatch bills each combination of
    dimensions, so only `Captures` is also counted by door, code and cold start.
    """

    def capture(self, record: CaptureRecord) -> None:
        by = {"door": record.door, "code": record.code, "cold_start": str(record.cold_start).lower()}
        event = _event(record.values(), {"request_id": record.request_id})
        detail = _event({"Captures": 1}, {}, by)
        event["_aws"]["CloudWatchMetrics"] += detail["_aws"]["CloudWatchMetrics"]
        _write(detail | event)

    def count(self, values: dict[str, float]) -> None:
        _write(_event(values, {}))

    def close(self) -> None:
        """Nothing is held back."""


def _event(
    values: Mapping[str, float], facts: Mapping[str, str], dimensions: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What Powertools makes of these metrics; namespace and service come from its environment variables."""
    metrics = EphemeralMetrics()
    for name, value in values.items():
        if name in METRICS:
            metrics.add_metric(name, METRICS[name].unit, value)
    for name, text in (dimensions or {}).items():
        metrics.add_dimension(name, text)
    for name, text in facts.items():
        metrics.add_metadata(name, text)
    return dict(metrics.serialize_metric_set())


def _write(event: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(event, separators=(",", ":")) + "\n")
    sys.stdout.flush()
