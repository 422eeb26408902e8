"""Jobs: captures that are answered later. Their records are kept in DynamoDB or in the process."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Protocol

from ..errors import NotConfigured
from ..settings import settings
from .model import Job, Webhook

__all__ = ["JOBS", "Job", "JobStore", "Webhook", "configured", "durable", "open_jobs"]


class JobStore(Protocol):
    """Jobs by id. Every method raises StorageUnavailable."""

    def add(self, job: Job) -> Job | None:
        """Store a new job. Returns None, or the job that already has this id."""
        ...

    def get(self, id: str) -> Job | None:
        """The current state of a job, also of a deleted one. None if it is unknown or expired."""
        ...

    def save(self, job: Job) -> bool:
        """Store the changes of a job that was read. False if it has changed in the store since."""
        ...


JOBS = {
    "dynamodb": "stillframe.jobs.dynamodb:DynamoJobs",
    "memory": "stillframe.jobs.memory:MemoryJobs",
}


def open_jobs(table: str) -> JobStore:
    """Jobs in the DynamoDB table of this name, or in the process if the name is empty."""
    module, _, name = JOBS["dynamodb" if table else "memory"].partition(":")
    store: JobStore = getattr(import_module(module), name)(table)
    return store


@cache
def configured() -> JobStore:
    """The store of JOBS_TABLE, or of the process. Raises NotConfigured for QUEUE_URL without JOBS_TABLE."""
    config = settings()
    if config.queue_url and not config.jobs_table:
        raise NotConfigured("QUEUE_URL needs JOBS_TABLE; without it no job could be looked up.")
    return open_jobs(config.jobs_table)


def durable() -> bool:
    """Whether jobs outlive this process."""
    return bool(settings().jobs_table)
