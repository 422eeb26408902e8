"""Make PNGs smaller with oxipng, in a process of its own because oxipng holds the interpreter lock.

Measurements: docs/decisions/0006.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.util import find_spec

from ..errors import DeadlineExceeded
from . import worker_process
from .conversions import png
from .verify import measure

log = logging.getLogger("stillframe")

# An image of 2 megapixels takes one to two seconds; one that takes longer than this is left as it is.
_SECONDS = 15.0
# The share of the time left of the capture that may be used: the unchanged image is better than no image.
_SHARE = 0.8


@cache
def _has_oxipng() -> bool:
    """Whether oxipng is installed (no wheel for Python 3.14)."""
    return find_spec("oxipng") is not None


def smaller(data: bytes) -> bytes:
    """The same pixels in fewer bytes; the data unchanged when that fails or takes too long."""
    job = "optimise_with_oxipng" if _has_oxipng() else "optimise_with_pillow"
    try:
        seconds = min(_SECONDS, worker_process.seconds_left() * _SHARE)
        done = worker_process.run(job, data, module=png, seconds=seconds)
    except (DeadlineExceeded, worker_process.WorkerFailed) as error:
        log.warning("optimising a PNG failed", extra={"error": type(error).__name__, "bytes": len(data)})
        return data
    return done if len(done) < len(data) and measure(done, "png") == measure(data, "png") else data
