"""Fixtures of every kind of test: settings from the environment of one test, and emptied caches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from fakes import forget_settings

from stillframe.settings import Settings, settings


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Settings]]:
    """Set environment variables, `configure(AUTH_TOKEN="…")`, and read the settings again, for one test."""

    def change(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget_settings()
        return settings()

    yield change
    monkeypatch.undo()
    forget_settings()


@pytest.fixture(scope="module")
def main_loop() -> Iterator[None]:
    """A current event loop such as Lambda's main thread has; Mangum would make one that nobody closes."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
    asyncio.set_event_loop(None)


# Checks of the e2e table live in modules that are not named test_*.
pytest.register_assert_rewrite(
    "cases_document", "cases_page", "cases_picture", "cases_print", "cases_shape", "look", "origins"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-doors",
        action="store_true",
        help="every row of the e2e table through every door, in place of one in turn",
    )
    parser.addoption(
        "--write-goldens",
        action="store_true",
        help="write the golden images anew in place of comparing with them",
    )
