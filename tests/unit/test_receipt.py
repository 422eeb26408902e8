"""What a capture cost, by memory, architecture and region."""

from __future__ import annotations

import os
import types
from typing import Any

import pytest

from stillframe import receipt
from stillframe.receipt import Receipt, Size
from stillframe.result import CaptureReport


class Clock:
    """In place of `time.perf_counter`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(receipt.time, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def on_lambda(monkeypatch: pytest.MonkeyPatch, memory: str, machine: str, region: str) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory)
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setattr(os, "uname", lambda: types.SimpleNamespace(machine=machine))


@pytest.mark.parametrize(
    ("memory", "machine", "region", "gb_seconds", "usd"),
    [
        # 2 GB for half a second, at the published prices of each case, and a request.
        ("2048", "x86_64", "eu-west-1", 1.0, 0.0000166667 + 2e-7),
        ("2048", "aarch64", "us-east-1", 1.0, 0.0000133334 + 2e-7),
        ("1024", "x86_64", "us-east-1", 0.5, 0.0000166667 / 2 + 2e-7),
        ("2048", "x86_64", "ap-east-1", 1.0, 0.00002292 + 2e-7),
        ("2048", "aarch64", "eu-south-1", 1.0, 0.0000156138 + 2e-7),
    ],
)
def test_the_price_follows_memory_architecture_and_region(
    monkeypatch: pytest.MonkeyPatch, memory: str, machine: str, region: str, gb_seconds: float, usd: float
) -> None:
    on_lambda(monkeypatch, memory, machine, region)
    size = Size.configured()
    assert size.gb_seconds(500) == pytest.approx(gb_seconds)
    assert size.usd(500) == pytest.approx(usd)


def test_outside_lambda_the_estimate_is_for_the_default_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    size = Size.configured()
    assert (size.memory_mb, size.region) == (2048, "us-east-1")


def test_lambda_bills_whole_milliseconds_and_the_initialisation(clock: Clock) -> None:
    made = Receipt(started=100.0, init_ms=250.0)
    clock.now = 100.4801
    assert made.billed_ms == 731
    clock.now = 100.0
    assert Receipt(started=100.0).billed_ms == 0


def test_a_report_carries_the_receipt_of_both_attempts(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    on_lambda(monkeypatch, "2048", "x86_64", "eu-west-1")
    report = CaptureReport(receipt=Receipt(started=100.0))
    report.timings["load"] = 12.34
    report.receipt.add_traffic(1000, 10, 3, 1)
    report.receipt.note_memory(300, 80)
    report.restart()
    report.receipt.add_traffic(2000, 20, 4, 0)
    report.receipt.note_memory(200, 90)
    clock.now = 100.5
    shown: dict[str, Any] = report.to_json()["receipt"]
    assert shown == {
        "phases": {"load": 12.3},
        "billed_ms": 500,
        "init_ms": 0,
        "memory_mb": 2048,
        "architecture": "x86_64",
        "region": "eu-west-1",
        "gb_seconds": 1.0,
        "usd": 0.000016867,
        "peak_memory": {"browser_bytes": 300, "process_bytes": 90},
        "bytes_received": 3000,
        "bytes_sent": 30,
    }
    assert report.receipt.to_header() == (
        "billed_ms=500, gb_seconds=1.000000, usd=0.000016867, browser_bytes=300, process_bytes=90,"
        " bytes_received=3000, bytes_sent=30"
    )
