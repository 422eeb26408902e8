"""Jobs and batches as the service last described them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from ..errors import CaptureError
from . import flows

Status = Literal["queued", "running", "done", "failed"]


class _State:
    """The last description; `state` is the whole of it."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.state = dict(state)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.status}>"

    @property
    def id(self) -> str:
        return str(self.state["id"])

    @property
    def status(self) -> Status:
        """`queued`, `running`, `done` or `failed`, when it was last asked for."""
        return cast(Status, self.state["status"])

    @property
    def is_done(self) -> bool:
        """Whether it has ended, with a result or an error."""
        return flows.is_final(self.state)

    @property
    def durable(self) -> bool:
        """False for jobs of a local server, which are lost when it stops."""
        return self.state.get("durable", True) is not False


class JobState(_State):
    """A job."""

    @property
    def error(self) -> CaptureError | None:
        """The error of a failed job, once its state was asked for."""
        return flows.error_in(self.state)

    @property
    def external_id(self) -> str | None:
        return cast("str | None", self.state.get("external_id"))


class BatchState(_State):
    """A batch."""

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs are queued, running, done and failed, once the state was asked for."""
        return dict(self.state.get("counts") or {})
