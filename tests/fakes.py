"""Helpers that several kinds of test share."""

from __future__ import annotations

from stillframe import jobs, queues, site_limits, storage
from stillframe.drops import run
from stillframe.request import templates
from stillframe.settings import settings


def forget_settings() -> None:
    """Clear what the process caches of its environment."""
    for cached in (
        settings,
        storage.configured,
        queues.configured,
        jobs.configured,
        run.output,
        site_limits.configured,
    ):
        cached.cache_clear()
    templates.templates.cache_clear()
