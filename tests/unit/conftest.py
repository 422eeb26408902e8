"""Unit tests open no socket and start no browser; the settings are the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import pytest_socket
from fakes import forget_settings

from stillframe import service
from stillframe.settings import Settings, rows
from unit.stand_ins import Captures


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No network, and no settings of the shell that runs the tests."""
    for row in rows():
        monkeypatch.delenv(row.env, raising=False)
    forget_settings()
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
    monkeypatch.undo()
    forget_settings()


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> Captures:
    """In place of `service.capture`: answers as the test says."""
    fake = Captures()
    monkeypatch.setattr(service, "capture", fake)
    return fake


@pytest.fixture
def in_memory(configure: Callable[..., Settings]) -> Settings:
    """Jobs, queue and storage in the process, and a secret to sign webhooks with."""
    return configure(STORAGE_URL="memory:", INPUT_BUCKET="in", WEBHOOK_SECRET="s" * 32, URL_SIGNING_SECRET="")
