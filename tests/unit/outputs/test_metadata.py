"""Metadata of a page is valid Unicode."""

from __future__ import annotations

import json

from stillframe.outputs.metadata import well_formed


def test_metadata_is_valid_unicode() -> None:
    """A script can put half a surrogate pair into a title, in names and in values."""
    found = well_formed({"title": "a\ud83d", "open_graph": {"\ude00": ["😀"]}, "links": [], "status": None})
    assert found == {"title": "a?", "open_graph": {"?": ["😀"]}, "links": [], "status": None}
    assert json.dumps(found, ensure_ascii=False).encode()
