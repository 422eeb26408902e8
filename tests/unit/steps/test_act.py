"""Interactions that are refused before a browser sees them."""

from __future__ import annotations

import pytest

from stillframe.errors import RequestNotValid
from stillframe.request import parse

URL = {"url": "https://example.com/"}


@pytest.mark.parametrize(
    "keys", ["Control+V", "control+v", "ControlOrMeta+KeyV", "Meta+v", "Shift+Insert", "ControlLeft+Shift+V"]
)
def test_no_capture_pastes_what_another_one_copied(keys: str) -> None:
    """Headless Chromium has one clipboard for every context, so for every caller."""
    with pytest.raises(RequestNotValid, match="press cannot paste"):
        parse(URL | {"interactions": [{"action": "press", "text": keys}]})


@pytest.mark.parametrize("keys", ["V", "v", "Tab", "Control+A", "Control+C", "Shift+KeyB", "Insert", "+"])
def test_other_keys_may_be_pressed(keys: str) -> None:
    assert parse(URL | {"interactions": [{"action": "press", "text": keys}]}).interactions
