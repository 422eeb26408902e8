"""What is told about captures: one record each, and single events; sinks turn them into metrics.

A process has no sink until its door adds one: Lambda's doors write CloudWatch's embedded metric format, the
local server speaks OpenTelemetry. The log line of a capture is written in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sink import Sink

sinks: list[Sink] = []


def count(name: str, value: float = 1) -> None:
    """Tell the sinks of a single event, by a name of `metrics.METRICS`."""
    for sink in sinks:
        sink.count({name: value})
