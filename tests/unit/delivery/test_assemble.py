"""Names of files."""

from __future__ import annotations

import pytest

from stillframe.delivery.assemble import filename


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (None, "screenshot.png"),
        ("a", "a.png"),
        ("a.png", "a.png"),
        ("a.PNG", "a.PNG"),
        ("a.jpg", "a.jpg.png"),
    ],
)
def test_file_names_have_the_extension(wanted: str | None, name: str) -> None:
    assert filename(wanted, "png") == name
