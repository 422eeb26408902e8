"""Jobs in the process; they end with it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from .model import Job

MAX_JOBS = 10_000


class MemoryJobs:
    """A dictionary behind the interface of jobs; copies go in and out, as with a table."""

    def __init__(self, table: str = "", max_jobs: int = MAX_JOBS) -> None:
        self._jobs: OrderedDict[str, dict[str, object]] = OrderedDict()
        self._max_jobs = max_jobs
        self._lock = threading.Lock()

    def add(self, job: Job) -> Job | None:
        with self._lock:
            if (known := self._live(job.id)) is not None:
                return known
            job.version = 1
            self._jobs[job.id] = job.to_dict()
            if len(self._jobs) > self._max_jobs:
                self._drop_one()
            return None

    def get(self, id: str) -> Job | None:
        with self._lock:
            return self._live(id)

    def save(self, job: Job) -> bool:
        with self._lock:
            known = self._live(job.id)
            if known is None or known.version != job.version:
                return False
            job.version += 1
            self._jobs[job.id] = job.to_dict()
            return True

    def _live(self, id: str) -> Job | None:
        kept = self._jobs.get(id)
        job = None if kept is None else Job.from_dict(kept)
        return job if job is not None and job.expires_at > time.time() else None

    def _drop_one(self) -> None:
        """The oldest finished job goes first; work that somebody waits for only when there is nothing else."""
        finished = (id for id, kept in self._jobs.items() if kept["status"] in ("done", "failed"))
        self._jobs.pop(next(finished, next(iter(self._jobs))))
