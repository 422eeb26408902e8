"""The size of a picture that is resized."""

from __future__ import annotations

import pytest

from stillframe.errors import NotRenderable
from stillframe.outputs.area import Resize, resized


@pytest.mark.parametrize(
    "wanted", [{"width": 101}, {"height": 51}, {"width": 500, "height": 500, "fit": "inside"}]
)
def test_a_resized_image_stays_within_the_pixel_limit(wanted: dict[str, object]) -> None:
    """A narrow page 15,000 px high, resized to 20,000 px wide, exhausted the memory of the function."""
    with pytest.raises(NotRenderable, match="resize"):
        resized(100, 50, Resize.model_validate(wanted), 5_000)
