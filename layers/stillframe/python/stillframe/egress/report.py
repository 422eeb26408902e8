"""The network budget of one capture, and the report of what it used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

MEGABYTE = 1_000_000


class Attempt(NamedTuple):
    """A destination that was not reached, and the reason."""

    host: str
    port: int
    reason: str


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one capture's traffic; `bytes` applies to each direction, `seconds` is wall-clock time."""

    bytes: int = 50 * MEGABYTE
    live_connections: int = 64
    connections: int = 500
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last attempt to reach a host ended: connected, denied by policy or budget, or failed."""

    kind: Literal["allowed", "denied", "failed"]
    reason: str


@dataclass(frozen=True, slots=True)
class EgressReport:
    """The traffic of one capture."""

    denials: tuple[Attempt, ...] = ()
    failures: tuple[Attempt, ...] = ()
    bytes_received: int = 0
    bytes_sent: int = 0
    connections: int = 0
    budget_exceeded: str | None = None


class Refusal(Exception):
    """The guard denied a connection or could not open it; becomes the proxy's error response."""

    def __init__(self, kind: Literal["denied", "failed"], reason: str) -> None:
        super().__init__(f"{kind}: {reason}")
        self.outcome = Outcome(kind, reason)

    @property
    def status(self) -> int:
        """The HTTP status of the error response."""
        if self.outcome.kind == "denied":
            return 403
        return 504 if self.outcome.reason == "timeout" else 502


def denied(reason: str) -> Refusal:
    """A refusal by the policy or a budget."""
    return Refusal("denied", reason)


def failed(reason: str) -> Refusal:
    """A refusal because an allowed destination could not be reached."""
    return Refusal("failed", reason)
