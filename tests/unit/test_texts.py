"""What pages say, as answers can carry it."""

from __future__ import annotations

import json

import pytest

from stillframe.outputs.metadata import well_formed
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
def test_a_foreign_message_is_one_line_of_text(message: str, line: str) -> None:
    assert first_line(RuntimeError(message)) == line


def test_facts_of_a_page_are_text() -> None:
    """A script may give a title half a surrogate pair, in names as in values."""
    found = well_formed({"title": "a\ud83d", "open_graph": {"\ude00": ["😀"]}, "links": [], "status": None})
    assert found == {"title": "a?", "open_graph": {"?": ["😀"]}, "links": [], "status": None}
    assert json.dumps(found, ensure_ascii=False).encode()
