"""Error messages of a page, shortened to one line."""

from __future__ import annotations

import pytest

from stillframe.page.session import first_line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("Page.evaluate: Error: x\n  at y", "Error: x"),
        ("Error: x", "Error: x"),
        ("", ""),
        ("Fehler 日本 😀", "Fehler 日本 😀"),
        ("Error: \ud83d", "Error: ?"),
        ("x" * 400, "x" * 300),
        ("net.a b: c", "net.a b: c"),
    ],
)
def test_an_error_message_of_playwright_is_cut_to_one_line(message: str, line: str) -> None:
    assert first_line(RuntimeError(message)) == line
