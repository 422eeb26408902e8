"""The servers of the pages, once for all of them, and a report of how each block was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from .world import World, world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docs)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("docs")) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many blocks were checked in which way, and why some were not run.

    Properties of a report also come back from a worker of pytest-xdist.
    """
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    found = [value for report in reports for name, value in report.user_properties if name == "checked"]
    if not found:
        return
    counts = sum((Counter(kinds) for kinds, _ in found), Counter[str]())
    terminalreporter.section("documentation")
    terminalreporter.line(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    for _, reasons in found:
        for reason in reasons:
            terminalreporter.line(reason)
