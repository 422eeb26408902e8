"""The servers of the pages, once for all of them, and a report of how each block was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from .runner import Page
from .world import World, world

_followed: list[Page] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docs)


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("docs")) as made:
        yield made


@pytest.fixture(scope="session")
def tally() -> list[Page]:
    """The pages that were followed to their end."""
    return _followed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many blocks were checked in which way, and why some were not run."""
    if not _followed:
        return
    counts = sum((page.counts for page in _followed), Counter[str]())
    terminalreporter.section("documentation")
    terminalreporter.line(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    for page in _followed:
        for reason in page.left_out:
            terminalreporter.line(reason)
