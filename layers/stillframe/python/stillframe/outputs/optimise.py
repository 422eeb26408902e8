"""The same PNG in fewer bytes, by oxipng in a process of its own: it holds the interpreter's lock while it works."""

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

# Higher levels take three times as long for one per cent more.
_WORK = """import sys
sys.path.insert(0, sys.argv[1])
import oxipng
sys.stdout.buffer.write(oxipng.optimize_from_memory(sys.stdin.buffer.read(), level=2))"""
# 2 megapixels take a second or two; what takes longer than this stays as it is.
_SECONDS = 15.0


@cache
def _place() -> str | None:
    """The directory that has oxipng; None where no wheel of it fits."""
    found = find_spec("oxipng")
    return None if found is None or found.origin is None else str(Path(found.origin).parents[1])


def smaller(data: bytes) -> bytes:
    """The picture in fewer bytes, pixel for pixel; the picture as it is when that fails or takes too long."""
    place = _place()
    done = _by_pillow(data) if place is None else _by_oxipng(data, place)
    return done if len(done) < len(data) and measure(done, "png") == measure(data, "png") else data


def _by_oxipng(data: bytes, place: str) -> bytes:
    command = [sys.executable, "-I", "-S", "-c", _WORK, place]
    try:
        return subprocess.run(
            command, input=data, capture_output=True, timeout=_SECONDS, check=True, env={}
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        log.warning(
            "a png stays as large as it is", extra={"error": type(error).__name__, "bytes": len(data)}
        )
        return data


def _by_pillow(data: bytes) -> bytes:
    picture: Pillow.Image = Pillow.open(io.BytesIO(data))
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
