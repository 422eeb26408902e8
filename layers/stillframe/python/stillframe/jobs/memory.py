"""Jobs in the memory of the process. They are lost when it exits."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from .model import Job

MAX_JOBS = 10_000


class MemoryJobs:
    """A dictionary of jobs. It stores and returns copies, as a table does."""

    def __init__(self, table: str = "", max_jobs: int = MAX_JOBS) -> None:
        self._jobs: OrderedDict[str, dict[str, object]] = OrderedDict()
        self._max_jobs = max_jobs
        self._lock = threading.Lock()

    def add(self, job: Job) -> Job | None:
        with self._lock:
            if (known := self._unexpired(job.id)) is not None:
                return known
            job.version = 1
            self._jobs[job.id] = job.to_dict()
            if len(self._jobs) > self._max_jobs:
                self._evict_one()
            return None

    def get(self, id: str) -> Job | None:
        with self._lock:
            return self._unexpired(id)

    def save(self, job: Job) -> bool:
        with self._lock:
            known = self._unexpired(job.id)
            if known is None or known.version != job.version:
                return False
            job.version += 1
            self._jobs[job.id] = job.to_dict()
            return True

    def _unexpired(self, id: str) -> Job | None:
        stored = self._jobs.get(id)
        job = None if stored is None else Job.from_dict(stored)
        return job if job is not None and job.expires_at > time.time() else None

    def _evict_one(self) -> None:
        """Remove the oldest finished job, or the oldest job if none is finished."""
        finished = (id for id, stored in self._jobs.items() if stored["status"] in ("done", "failed"))
        self._jobs.pop(next(finished, next(iter(self._jobs))))
