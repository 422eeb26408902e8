"""One attempt at a capture: its input, how it runs, how far it came, and what it gave."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from .browser.checked_out_page import CheckedOutPage
from .deadline import Deadline
from .egress.targets import TargetPolicy
from .errors import CaptureError
from .request import CaptureRequest
from .result import Artifact, CaptureReport
from .urls import origin_of


@dataclass(slots=True)
class Captured:
    """The finished artifacts in the order in which they were requested, and the facts about the page."""

    artifacts: list[Artifact]
    metadata: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Mode:
    """How an attempt runs.

    `own_context` is None where the request decides; `exclusive` means that no other capture runs."""

    own_context: bool | None = None
    virtual_time: bool = True
    exclusive: bool = False
    real_time_reason: str = ""

    @classmethod
    def in_real_time(cls, reason: str) -> Mode:
        """A context of its own whose clock runs; `reason` goes into the report."""
        return cls(own_context=True, virtual_time=False, real_time_reason=reason)


@dataclass(slots=True)
class Attempt:
    """One attempt at a capture: its input, and how far it came."""

    request: CaptureRequest
    deadline: Deadline
    report: CaptureReport
    mode: Mode = field(default_factory=Mode)
    caller: str = ""
    phase: str = "lease"
    checkout: CheckedOutPage | None = None

    def enter(self, phase: str) -> AbstractContextManager[None]:
        """Begin a phase; its time goes into the report."""
        self.phase = phase
        return self.report.phase(phase)

    def network_error(self) -> CaptureError | None:
        """The guard's reason why the main document did not arrive; None when it did."""
        return self.checkout.network_error() if self.checkout is not None else None

    def note_target(self) -> None:
        """Report the document that the page shows: scripts, clicks and `goto` navigate too."""
        if self.checkout is None or self.request.url is None:
            return
        target, shown = self.report.target, self.checkout.document
        target.final_url = self.checkout.session.page.url
        target.status = shown.status or target.status

    def check_arrival(self, targets: TargetPolicy) -> None:
        """Raise the guard's reason when the main document did not arrive, or when it may not be captured."""
        if refused := self.network_error():
            self.report.target.status = None
            raise refused
        if self.checkout is not None:
            session = self.checkout.session
            if not session.files_origin or origin_of(session.page.url) != session.files_origin:
                targets.check(session.page.url)
