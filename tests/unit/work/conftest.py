"""The desk of a process: memory for jobs, queue and storage, and captures that answer what the test says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from acting import Captures

from stillframe import service
from stillframe.settings import Settings


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> Captures:
    fake = Captures()
    monkeypatch.setattr(service, "capture", fake)
    return fake


@pytest.fixture
def desk_here(configure: Callable[..., Settings]) -> Settings:
    """Jobs, queue and storage in the process, and a secret to sign webhooks with."""
    return configure(STORAGE_URL="memory:", INPUT_BUCKET="in", WEBHOOK_SECRET="s" * 32, URL_SIGNING_SECRET="")
