"""Whether two pictures show the same."""

from __future__ import annotations

import io

from PIL import Image, ImageChops

# Antialiasing may round differently between two runs of the same page.
TOLERANCE = 3


def difference(ours: bytes, reference: bytes) -> int:
    """The largest difference of a channel, 0 to 255; 256 when the sizes differ."""
    a, b = (Image.open(io.BytesIO(data)).convert("RGB") for data in (ours, reference))
    if a.size != b.size:
        return 256
    return max(high for _, high in ImageChops.difference(a, b).getextrema())  # type: ignore[arg-type, misc]


def same(ours: bytes, reference: bytes) -> bool:
    return difference(ours, reference) <= TOLERANCE
