"""A job: its states, who may work on it, and when it is over."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["queued", "running", "done", "failed"]
# A job that waits outlives the queue's four days, its dead letters' fourteen, and a day to look.
WAITING_SECONDS = 15 * 86_400
# What a table row must never exceed; reports of pages with thousands of links could.
MAX_RESULT_CHARS = 300_000


@dataclass(slots=True)
class Webhook:
    """Where the finished job is posted, and how that went."""

    url: str
    status: Literal["pending", "delivered", "failed"] = "pending"
    attempts: int = 0
    answer: str | None = None


@dataclass(slots=True)
class Job:
    """One capture, or a batch of them, with its answer. Times are seconds since 1970."""

    id: str
    fingerprint: str = ""
    status: Status = "queued"
    created_at: float = field(default_factory=time.time)
    finished_at: float | None = None
    external_id: str | None = None
    presign_ttl: int | None = None
    result: dict[str, Any] | None = None
    key: str | None = None
    error: dict[str, Any] | None = None
    webhook: Webhook | None = None
    members: list[str] = field(default_factory=list)
    attempts: int = 0
    claim: str | None = None
    claimed_until: float = 0.0
    deleted: bool = False
    expires_at: float = field(default_factory=lambda: time.time() + WAITING_SECONDS)
    version: int = 0

    @property
    def answered(self) -> bool:
        """Whether this job has its one answer; a failure that may pass is none as long as somebody tries again."""
        return self.status == "done" or (self.status == "failed" and not (self.error or {}).get("retryable"))

    def take(self, seconds: float) -> bool:
        """Claim the job for `seconds`; False while somebody else holds it."""
        if self.status == "running" and self.claimed_until > time.time():
            return False
        self.status, self.claim, self.attempts = "running", secrets.token_hex(8), self.attempts + 1
        self.claimed_until, self.error, self.finished_at = time.time() + seconds, None, None
        if self.webhook is not None:
            # What was told of an earlier failure is not the answer that this attempt will have.
            self.webhook = Webhook(self.webhook.url)
        return True

    def release(self) -> None:
        """Back to the queue, for another attempt."""
        self.status, self.claim, self.claimed_until = "queued", None, 0.0

    def finish(
        self, keep_seconds: int, *, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None
    ) -> None:
        """The answer, which can be asked for during `keep_seconds`."""
        self.status, self.claim = ("failed" if error else "done"), None
        self.result, self.error, self.finished_at = _bounded(result), error, time.time()
        self.expires_at = self.finished_at + keep_seconds

    def delete(self) -> None:
        """Forget the answer; what is left for a day says to a late worker that nobody wants it any more."""
        self.deleted, self.result, self.error, self.key, self.webhook = True, None, None, None, None
        self.expires_at = time.time() + 86_400

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Job:
        webhook = value.get("webhook")
        return cls(**(value | {"webhook": Webhook(**webhook) if webhook else None}))


def _bounded(result: dict[str, Any] | None) -> dict[str, Any] | None:
    # As the row spells it: a character beyond ASCII takes six.
    if result is None or "file" in result or len(json.dumps(result)) <= MAX_RESULT_CHARS:
        return result
    kept = {k: v for k, v in result.items() if k not in ("metadata", "report")}
    return kept | {
        "report": {
            "warnings": [
                {"code": "report_dropped", "message": "The report is too large to be kept with the job."}
            ]
        }
    }
