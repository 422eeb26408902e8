"""Unit tests open no socket and start no browser; the settings are the defaults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import pytest_socket
from fakes import forget_settings

from stillframe.settings import rows


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
