"""Make PNGs smaller with oxipng, in a process of its own because oxipng holds the interpreter lock.

Measurements: docs/decisions/0006.
"""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image as Pillow

from .verify import measure

log = logging.getLogger("stillframe")

# Levels above 2 take three times as long for one per cent.
_PROGRAM = """import sys
sys.path.insert(0, sys.argv[1])
import oxipng
sys.stdout.buffer.write(oxipng.optimize_from_memory(sys.stdin.buffer.read(), level=2))"""
# An image of 2 megapixels takes one to two seconds; one that takes longer than this is left as it is.
_SECONDS = 15.0


@cache
def _oxipng_directory() -> str | None:
    """The directory to import oxipng from; None where it is not installed (no wheel for Python 3.14)."""
    found = find_spec("oxipng")
    return None if found is None or found.origin is None else str(Path(found.origin).parents[1])


def smaller(data: bytes) -> bytes:
    """The same pixels in fewer bytes; the data unchanged when that fails or takes too long."""
    directory = _oxipng_directory()
    done = _by_pillow(data) if directory is None else _by_oxipng(data, directory)
    return done if len(done) < len(data) and measure(done, "png") == measure(data, "png") else data


def _by_oxipng(data: bytes, directory: str) -> bytes:
    command = [sys.executable, "-I", "-S", "-c", _PROGRAM, directory]
    try:
        return subprocess.run(
            command, input=data, capture_output=True, timeout=_SECONDS, check=True, env={}
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("optimising a PNG failed", extra={"error": type(error).__name__, "bytes": len(data)})
        return data


def _by_pillow(data: bytes) -> bytes:
    picture: Pillow.Image = Pillow.open(io.BytesIO(data))
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
