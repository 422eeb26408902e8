"""A job: its states, its claim by one worker, and its expiry."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

Status = Literal["queued", "running", "done", "failed"]
# SQS keeps a message for at most 14 days, as the dead-letter queue does. A job that is queued, or that failed
# and may be sent again from there, outlives it by a day.
WAITING_SECONDS = 15 * 86_400
# A DynamoDB item holds 400 KB; the report of a page with thousands of links could exceed that.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_RESULT_CHARS = 300_000
# A deleted job is remembered this long, so that a worker that still has its message does not capture it.
_DELETED_SECONDS = 86_400


@dataclass(slots=True)
class Webhook:
    """Where the finished job is posted, and the state of the delivery."""

    url: str
    status: Literal["pending", "delivered", "failed"] = "pending"
    attempts: int = 0
    answer: str | None = None


@dataclass(slots=True)
class Job:
    """One capture, or a batch of them (`members`), with its answer. Times are seconds since 1970."""

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
    # Who asked: captures of different callers never share a browser context.
    caller: str = ""
    # The only caller who may read or delete the job; empty for jobs of a queue or a schedule, which every
    # caller may.
    owner: str = ""
    attempts: int = 0
    claimed_until: float = 0.0
    deleted: bool = False
    expires_at: float = field(default_factory=lambda: time.time() + WAITING_SECONDS)
    version: int = 0

    @property
    def answered(self) -> bool:
        """Whether the answer is final. A retryable failure is not: a dead letter can be sent again."""
        return self.status == "done" or (self.status == "failed" and not (self.error or {}).get("retryable"))

    def claim(self, seconds: float) -> bool:
        """Start an attempt that owns the job for `seconds`. False while another attempt owns it."""
        if self.status == "running" and self.claimed_until > time.time():
            return False
        self.status, self.attempts = "running", self.attempts + 1
        self.claimed_until, self.error, self.finished_at = time.time() + seconds, None, None
        if self.webhook is not None:
            # A webhook that reported an earlier failure must also report the result of this attempt.
            self.webhook = Webhook(self.webhook.url)
        return True

    def release(self) -> None:
        """End the attempt without an answer; the job is queued again."""
        self.status, self.claimed_until = "queued", 0.0

    def finish(
        self, keep_seconds: int, *, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None
    ) -> None:
        """Set the answer, which expires after `keep_seconds`."""
        self.status = "failed" if error else "done"
        self.result, self.error, self.finished_at = _bounded(result), error, time.time()
        self.expires_at = self.finished_at + keep_seconds

    def delete(self) -> None:
        """Remove the answer and mark the job as deleted."""
        self.deleted, self.result, self.error, self.key, self.webhook = True, None, None, None, None
        self.expires_at = time.time() + _DELETED_SECONDS

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Job:
        """A stored job. Fields of other versions of this class are ignored."""
        webhook = value.get("webhook")
        own = {name: value[name] for name in _FIELDS if name in value}
        return cls(**(own | {"webhook": Webhook(**webhook) if webhook else None}))


_FIELDS = [f.name for f in fields(Job)]


def _bounded(result: dict[str, Any] | None) -> dict[str, Any] | None:
    """The result without metadata and report if it is too large for a table item."""
    # json.dumps writes the item too: a character beyond ASCII is `\uXXXX` there, six bytes.
    if result is None or "file" in result or len(json.dumps(result)) <= MAX_RESULT_CHARS:
        return result
    kept = {k: v for k, v in result.items() if k not in ("metadata", "report")}
    return kept | {
        "report": {
            "verdict": _without_items(result.get("report", {}).get("verdict")),
            "warnings": [
                {"code": "report_dropped", "message": "The report is too large to be stored with the job."}
            ],
        }
    }


def _without_items(verdict: dict[str, Any] | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    findings = [{k: v for k, v in f.items() if k != "items"} for f in verdict["findings"]]
    return verdict | {"findings": findings}
