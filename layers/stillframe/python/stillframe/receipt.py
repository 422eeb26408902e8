"""The receipt of a capture: time, memory and bytes that it used, and an estimate of what Lambda charges."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# USD for a GB-second, first tier, on demand, as published in 2026. A region that is not listed costs as much
# as us-east-1. https://aws.amazon.com/lambda/pricing/
GB_SECOND = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
_REGIONS = {
    "af-south-1": {"x86_64": 0.0000221, "arm64": 0.00001768},
    "ap-east-1": {"x86_64": 0.00002292, "arm64": 0.0000183},
    "eu-south-1": {"x86_64": 0.0000195172, "arm64": 0.0000156138},
    "me-central-1": {"x86_64": 0.0000206667, "arm64": 0.0000165334},
    "me-south-1": {"x86_64": 0.0000206667, "arm64": 0.0000165334},
}
REQUEST = 0.20 / 1e6
# Outside Lambda the estimate is that of a function as template.yaml makes it by default.
_MEMORY_MB = 2048
_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Size:
    """What a price depends on."""

    memory_mb: int
    architecture: str
    region: str

    @classmethod
    def configured(cls) -> Size:
        """That of this function, or the template's default outside Lambda."""
        memory = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        architecture = "arm64" if os.uname().machine in ("aarch64", "arm64") else "x86_64"
        region = os.environ.get("AWS_REGION") or _REGION
        return cls(int(memory) if memory.isdigit() else _MEMORY_MB, architecture, region)

    def gb_seconds(self, milliseconds: float) -> float:
        return self.memory_mb / 1024 * milliseconds / 1000

    def usd(self, milliseconds: float) -> float:
        """The price of one invocation of this length: compute and request, without transfer."""
        price = _REGIONS.get(self.region, GB_SECOND)[self.architecture]
        return REQUEST + price * self.gb_seconds(milliseconds)


@dataclass(slots=True)
class Receipt:
    """What one capture has used so far, a repeated attempt included. Memory is the peak of what was measured.

    `started` is a time of `time.perf_counter`; `init_ms` was billed before it, in a cold start.
    """

    started: float = field(default_factory=time.perf_counter)
    init_ms: float = 0.0
    bytes_received: int = 0
    bytes_sent: int = 0
    connections: int = 0
    denials: int = 0
    browser_bytes: int = 0
    process_bytes: int = 0

    def add_traffic(self, received: int, sent: int, connections: int, denials: int) -> None:
        """Add the traffic of one attempt."""
        self.bytes_received += received
        self.bytes_sent += sent
        self.connections += connections
        self.denials += denials

    def note_memory(self, browser: int, process: int) -> None:
        """Keep the largest measurement of the browser with its driver, and that of this process."""
        self.browser_bytes = max(self.browser_bytes, browser)
        self.process_bytes = max(self.process_bytes, process)

    @property
    def billed_ms(self) -> int:
        """Milliseconds until now as Lambda counts them: rounded up, with the initialisation."""
        elapsed = (time.perf_counter() - self.started) * 1000 + self.init_ms
        return int(elapsed) + (elapsed % 1 > 0)

    def to_json(self, timings: Mapping[str, float]) -> dict[str, Any]:
        """The receipt until now; `timings` are the phases in milliseconds."""
        size, billed = Size.configured(), self.billed_ms
        return {
            "phases": {name: round(ms, 1) for name, ms in timings.items()},
            "billed_ms": billed,
            "init_ms": round(self.init_ms),
            "memory_mb": size.memory_mb,
            "architecture": size.architecture,
            "region": size.region,
            "gb_seconds": round(size.gb_seconds(billed), 6),
            "usd": round(size.usd(billed), 9),
            "peak_memory": {"browser_bytes": self.browser_bytes, "process_bytes": self.process_bytes},
            "bytes_received": self.bytes_received,
            "bytes_sent": self.bytes_sent,
        }

    def to_header(self) -> str:
        """The costs until now on one line, for answers without a report; Server-Timing has the phases."""
        size, billed = Size.configured(), self.billed_ms
        return (
            f"billed_ms={billed}, gb_seconds={size.gb_seconds(billed):.6f}, usd={size.usd(billed):.9f},"
            f" browser_bytes={self.browser_bytes}, process_bytes={self.process_bytes},"
            f" bytes_received={self.bytes_received}, bytes_sent={self.bytes_sent}"
        )
