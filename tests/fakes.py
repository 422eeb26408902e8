"""Small stand-ins and helpers that several kinds of test share."""

from __future__ import annotations

from stillframe import service
from stillframe.drops import run
from stillframe.jobs import desk
from stillframe.request import templates
from stillframe.settings import settings


def forget_settings() -> None:
    """Empty what the process remembers of its environment."""
    settings.cache_clear()
    service.storage.cache_clear()
    templates.templates.cache_clear()
    for cached in (desk.queue, desk.jobs, run.output):
        cached.cache_clear()
