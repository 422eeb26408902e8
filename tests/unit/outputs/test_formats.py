"""The table of outputs."""

from __future__ import annotations

import pytest

from stillframe.outputs import CONTENT_TYPES, OUTPUTS, format_of_suffix, media_types, output, uses_quality
from stillframe.request import CaptureRequest


def test_every_format_has_an_output_and_a_type() -> None:
    formats = CaptureRequest.model_fields["format"].annotation.__args__  # type: ignore[union-attr]
    assert set(formats) == set(OUTPUTS) == set(CONTENT_TYPES) - {"zip"}
    for format in OUTPUTS:
        assert hasattr(output(format), "encode")


@pytest.mark.parametrize(
    ("suffix", "format"),
    [
        ("png", "png"),
        ("JPG", "jpeg"),
        ("jpeg", "jpeg"),
        ("htm", "html"),
        ("txt", "text"),
        ("md", "markdown"),
        ("mhtml", "mhtml"),
        ("json", None),
        ("metadata", None),
        ("", None),
    ],
)
def test_a_file_suffix_chooses_the_format(suffix: str, format: str | None) -> None:
    assert format_of_suffix(suffix) == format


def test_quality_applies_to_the_lossy_formats() -> None:
    assert {format for format in OUTPUTS if uses_quality(format)} == {"jpeg", "webp", "avif"}


def test_media_types_carry_no_parameters() -> None:
    assert {"image/png", "text/html", "application/zip"} < set(media_types())
    assert not any(";" in media_type for media_type in media_types())
