"""The table of outputs."""

from __future__ import annotations

from stillframe.outputs import CONTENT_TYPES, OUTPUTS, output
from stillframe.request import CaptureRequest


def test_every_format_has_an_output_and_a_type() -> None:
    formats = CaptureRequest.model_fields["format"].annotation.__args__  # type: ignore[union-attr]
    assert set(formats) == set(OUTPUTS) == set(CONTENT_TYPES) - {"zip"}
    for format in OUTPUTS:
        assert hasattr(output(format), "encode")
