"""What every kind of test may need: settings from an environment of its own, with the process's caches emptied."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from fakes import forget_settings

from stillframe.settings import Settings, rows, settings


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Settings]]:
    """Set environment variables, `configure(AUTH_TOKEN="…")`, and read the settings anew; undone after the test."""

    def change(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget_settings()
        return settings()

    yield change
    monkeypatch.undo()
    forget_settings()


@pytest.fixture(autouse=True)
def _no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A developer's own AUTH_TOKEN or PORT must not decide a unit test."""
    if "tests/unit" in request.node.nodeid:
        for row in rows():
            if row.env in os.environ:
                monkeypatch.delenv(row.env)
