"""The verdict on a result: what is wrong with it, as findings with a fixed set of codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Code = Literal[
    "blank",
    "challenge",
    "login_wall",
    "banner",
    "http_error",
    "redirected",
    "broken_image",
    "unloaded_image",
    "failed_font",
    "missing_glyph",
    "failed_request",
    "pending_request",
    "blocked_request",
    "console_error",
    "wait_timeout",
    "truncated",
    "animation",
    "retried",
    "partial",
]
CODES: tuple[Code, ...] = get_args(Code)
MEANINGS: dict[Code, str] = {
    "blank": "The picture shows nothing: its pixels have one colour, whatever the page holds.",
    "challenge": "The page asks for a proof that a person looks at it, instead of its content.",
    "login_wall": "A log-in form came instead of the page that was asked for, or lies over it.",
    "banner": "A consent banner can be seen.",
    "http_error": "The status of the target is 400 or more.",
    "redirected": "The page that was captured is on another host than the one that was asked for.",
    "broken_image": "An image in the picture could not be loaded or decoded.",
    "unloaded_image": "An image in the picture was not loaded yet, or waits for the page to be scrolled.",
    "failed_font": "A web font failed or was still loading, so the text has another font.",
    "missing_glyph": "No font has the character, so the picture shows a box in its place.",
    "failed_request": "A request of the page failed, or its answer has a status of 400 or more.",
    "pending_request": "A request of the page had no complete answer when the picture was taken.",
    "blocked_request": "A request of the page was blocked as the options say.",
    "console_error": "The page logged an error, or a script of it threw one.",
    "wait_timeout": "A wait ran out, and the page was captured as it was.",
    "truncated": "The result lacks a part of the page, or is smaller than asked for.",
    "animation": "An animation in the picture had not ended.",
    "retried": "The first attempt failed, and this is the result of a second one.",
    "partial": "The capture has a warning of another kind.",
}
Severity = Literal["problem", "notice"]

# Items that a finding lists; `count` has all of them.
_MAX_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or a notice that leaves the verdict `ok`; `items` are the first of `count`."""

    code: Code
    message: str
    severity: Severity = "problem"
    count: int = 1
    items: Sequence[dict[str, Any]] = ()

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "count": self.count,
        }
        return found | ({"items": list(self.items[:_MAX_ITEMS])} if self.items else {})


@dataclass(slots=True)
class Verdict:
    """All findings; `ok` when none of them is a problem."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not any(finding.severity == "problem" for finding in self.findings)

    def line(self) -> str:
        """The verdict in one line of ASCII: `ok`, or the codes of the problems with their counts."""
        problems: dict[str, int] = {}
        for finding in self.findings:
            if finding.severity == "problem":
                problems[finding.code] = problems.get(finding.code, 0) + finding.count
        return ", ".join(f"{code}={count}" for code, count in problems.items()) or "ok"

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "findings": [finding.to_json() for finding in self.findings]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Verdict:
        """A verdict that `to_json` wrote. Raises KeyError or TypeError for another value."""
        return cls([Finding(**finding) for finding in value["findings"]])
