"""The Lambda invocation that a process works on, as far as telemetry needs it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..receipt import Receipt


@dataclass(slots=True)
class Invocation:
    """One invocation, or none on a server.

    `started` is a time of `time.perf_counter`, `init_ms` the initialisation that Lambda bills with it. Both
    go into the receipt of the first capture; a later one of the same invocation starts when it starts.
    """

    cold: bool = False
    started: float | None = None
    init_ms: float = 0.0

    def receipt(self) -> Receipt:
        """The receipt of a capture that starts now."""
        started, init_ms = self.started, self.init_ms
        self.started, self.init_ms = None, 0.0
        return Receipt(time.perf_counter() if started is None else started, init_ms)
