"""Traces in AWS X-Ray by Powertools: each capture with its phases, below the segment of its invocation."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Tracer

from .captures import CaptureRecord


class XRaySink:
    """Writes the subsegments of a capture when it has ended, by the times that its report has."""

    def __init__(self) -> None:
        # Calls of botocore are not patched: the phases tell where the time went.
        self._recorder: Any = Tracer(auto_patch=False).provider

    def capture(self, record: CaptureRecord) -> None:
        (name, start, end), *phases = record.spans()
        whole = self._recorder.begin_subsegment(name)
        if whole is None:
            return  # the invocation has no segment
        whole.start_time = start
        for key in ("door", "code", "cold_start", "request_id", "host"):
            whole.put_annotation(key, getattr(record, key) or "")
        whole.put_metadata("receipt", record.report.receipt.to_json(record.report.timings), "stillframe")
        if record.failed:
            whole.add_fault_flag()
        for phase, phase_start, phase_end in phases:
            self._recorder.begin_subsegment(phase).start_time = phase_start
            self._recorder.end_subsegment(phase_end)
        self._recorder.end_subsegment(end)

    def count(self, values: dict[str, float]) -> None:
        """Events belong to no invocation."""

    def close(self) -> None:
        """Nothing is held back."""
