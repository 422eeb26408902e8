from __future__ import annotations

import base64

import pytest

from stillframe.page import binary


@pytest.mark.parametrize("size", range(7))
def test_the_bytes_are_those_that_were_encoded(size: int) -> None:
    sent = bytes(range(256)) * 4 + b"\xff" * size
    text = base64.b64encode(sent).decode()
    assert {"+", "/"} < set(text)
    assert binary.decode(text) == sent


def test_nothing_is_nothing() -> None:
    assert binary.decode("") == b""


def test_a_text_that_is_no_base64_is_refused() -> None:
    with pytest.raises(ValueError, match="base64"):
        binary.decode("no base64!")
