"""The configured queue and jobs, opened once; light enough for a function without a browser."""

from __future__ import annotations

import os
from functools import cache

from ..errors import NotConfigured
from ..queues import Queue, open_queue
from ..settings import settings
from . import JobStore, open_jobs


@cache
def queue() -> Queue:
    """Where jobs wait. Raises NotConfigured on Lambda without QUEUE_URL: its process sleeps between requests."""
    url = settings().queue_url
    if not url and "AWS_LAMBDA_FUNCTION_NAME" in os.environ and not os.environ.get("AWS_SAM_LOCAL"):
        raise NotConfigured("Jobs need QUEUE_URL and JOBS_TABLE.")
    return open_queue(url or "memory:")


@cache
def jobs() -> JobStore:
    """Where jobs are kept."""
    config = settings()
    if config.queue_url and not config.jobs_table:
        raise NotConfigured("QUEUE_URL without JOBS_TABLE: nobody could ask for a job.")
    return open_jobs(config.jobs_table)


def durable() -> bool:
    """Whether jobs outlive this process."""
    return bool(settings().jobs_table)
