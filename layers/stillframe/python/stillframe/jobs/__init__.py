"""Captures that are answered later: what a job is, and where jobs are kept, as one table."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from .model import Job, Webhook

__all__ = ["JOBS", "Job", "JobStore", "Webhook", "open_jobs"]


class JobStore(Protocol):
    """Jobs by id. Every method raises StorageUnavailable."""

    def add(self, job: Job) -> Job | None:
        """Keep a new job; None when that worked, else the job that already has this id."""
        ...

    def get(self, id: str) -> Job | None:
        """The job as it is now, deleted ones too; None when there is none or its time is over."""
        ...

    def save(self, job: Job) -> bool:
        """Keep changes of a job that was read; False when somebody else changed it since."""
        ...


JOBS = {
    "dynamodb": "stillframe.jobs.dynamodb:DynamoJobs",
    "memory": "stillframe.jobs.memory:MemoryJobs",
}


def open_jobs(table: str) -> JobStore:
    """Jobs in the DynamoDB table of this name, or in the process when it is empty."""
    module, _, name = JOBS["dynamodb" if table else "memory"].partition(":")
    store: JobStore = getattr(import_module(module), name)(table)
    return store
