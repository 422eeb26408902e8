"""What one capture may use of the network, and what it did use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

MEGABYTE = 1_000_000


class Attempt(NamedTuple):
    """A destination that was not reached, and why."""

    host: str
    port: int
    reason: str


@dataclass(frozen=True, slots=True)
class Budget:
    """The bounds of one capture's traffic; `bytes` counts each direction, `seconds` is wall clock."""

    bytes: int = 50 * MEGABYTE
    live_connections: int = 64
    connections: int = 500
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last try to reach a host ended: allowed and connected, denied by policy, or failed."""

    kind: Literal["allowed", "denied", "failed"]
    reason: str


@dataclass(frozen=True, slots=True)
class EgressReport:
    """The traffic of one capture, as it goes into the capture's own report."""

    denials: tuple[Attempt, ...] = ()
    failures: tuple[Attempt, ...] = ()
    bytes_received: int = 0
    bytes_sent: int = 0
    connections: int = 0
    budget_exceeded: str | None = None


class Refusal(Exception):
    """The guard will not, or could not, connect; becomes the proxy's answer."""

    def __init__(self, kind: Literal["denied", "failed"], reason: str) -> None:
        super().__init__(f"{kind}: {reason}")
        self.outcome = Outcome(kind, reason)

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        if self.outcome.kind == "denied":
            return 403
        return 504 if self.outcome.reason == "timeout" else 502


def denied(reason: str) -> Refusal:
    """The policy or a budget says no."""
    return Refusal("denied", reason)


def failed(reason: str) -> Refusal:
    """The destination was allowed and could not be reached."""
    return Refusal("failed", reason)
