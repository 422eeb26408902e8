"""The image: what its layers weigh, and what a cold start reads of it until the first picture."""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import tempfile
from pathlib import Path
from typing import Any

from . import sandbox
from .corpus import BenchPage
from .disk import CHUNK, extents, mounted, resident

# The first that fits names the part that a file belongs to.
_PARTS = {
    "usr/lib/chromium/": "Chromium",
    "opt/python/playwright/driver/node": "Node",
    "opt/stillframe/node/": "Playwright's driver",
    "opt/python/playwright/driver/": "Playwright's driver",
    "opt/python/": "Python packages",
    "usr/local/lib/": "Python",
    "usr/share/fonts/": "fonts",
    "usr/lib/": "system libraries",
}
# In the order of the last stage of functions/Dockerfile.
_LAYERS = ("fonts", "system", "Chromium", "Python and dependencies", "our code")


async def run(base: str, pages: list[BenchPage], rounds: int, *, quick: bool) -> list[dict[str, Any]]:
    """Megabytes of the image, of each layer and of each part, and of the parts how much is read."""
    return await asyncio.to_thread(_measure)


def _measure() -> list[dict[str, Any]]:
    if sandbox.engine() != "podman":
        raise sandbox.Unavailable(
            "needs Podman: it runs a tree from a disk of ours, and weighs pushed layers"
        )
    image = sandbox.image()
    with tempfile.TemporaryDirectory(prefix="stillframe-image-") as scratch:
        layers = _layers(image, Path(scratch))
        parts, read, chunks = _cold(image, Path(scratch))
    whole = {
        "what": "whole image",
        "unpacked_MB": round(sum(row["unpacked_MB"] for row in layers), 1),
        "compressed_MB": round(sum(row["compressed_MB"] for row in layers), 1),
        "read_cold_MB": round(read, 1),
        "chunks": chunks,
    }
    rows = [whole, *layers, *parts]
    for row in rows:
        print("  " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in row.items()))
    return rows


def _layers(image: str, scratch: Path) -> list[dict[str, Any]]:
    """Megabytes of each layer as it is unpacked and as a registry would get it."""
    folder = scratch / "pushed"
    sandbox.ask("podman", "push", "--quiet", "--compress", image, f"dir:{folder}")
    manifest = json.loads((folder / "manifest.json").read_text())
    pushed = [layer["size"] for layer in manifest["layers"]]
    history = json.loads(sandbox.ask("podman", "history", "--format", "json", image))
    sizes = [one["size"] for one in history[::-1] if one["size"]]
    return [
        {
            "what": f"layer: {name}",
            "unpacked_MB": round(size / 1e6, 1),
            "compressed_MB": round(packed / 1e6, 1),
        }
        for name, size, packed in zip(_LAYERS, sizes, pushed, strict=True)
    ]


def _cold(image: str, scratch: Path) -> tuple[list[dict[str, Any]], float, int]:
    """One capture from an unread disk: bytes by part, and in total with the tables of the file system."""
    environ = json.loads(sandbox.ask("podman", "image", "inspect", image))[0]["Config"]["Env"]
    # What the image's own configuration would say, were it not a bare tree.
    extra = [
        *(f"--env={pair}" for pair in environ),
        "--workdir=/var/task",
        "--entrypoint=/opt/stillframe/entrypoint.sh",
        "--rootfs",
    ]
    root = Path(sandbox.ask("podman", "image", "mount", image))
    try:
        with (
            mounted(root, scratch) as (mount, disk),
            sandbox.function("podman", str(mount), extra=extra) as function,
        ):
            function.capture()
            pages = resident(disk)
            parts = _by_part(mount)
    finally:
        sandbox.ask("podman", "image", "unmount", image)
    return parts, len(pages) * mmap.PAGESIZE / 1e6, len({page * mmap.PAGESIZE // CHUNK for page in pages})


def _by_part(mount: Path) -> list[dict[str, Any]]:
    """A chunk in which two parts meet counts for both."""
    size: dict[str, int] = {}
    read: dict[str, int] = {}
    chunks: dict[str, set[int]] = {}
    for folder, _, names in os.walk(mount):
        for path in (Path(folder, name) for name in names):
            if path.is_symlink() or not path.is_file():
                continue
            inside = str(path.relative_to(mount))
            part = next((name for prefix, name in _PARTS.items() if inside.startswith(prefix)), "elsewhere")
            size[part] = size.get(part, 0) + path.stat().st_size
            if pages := resident(path):
                read[part] = read.get(part, 0) + len(pages) * mmap.PAGESIZE
                chunks.setdefault(part, set()).update(_places(path, pages))
    rows = []
    for part in sorted(read, key=lambda name: -read[name]):
        megabytes = {"unpacked_MB": round(size[part] / 1e6, 1), "read_cold_MB": round(read[part] / 1e6, 1)}
        rows.append({"what": part, **megabytes, "chunks": len(chunks[part])})
    return rows


def _places(path: Path, pages: list[int]) -> set[int]:
    """The chunks of the disk in which these pages of a file lie."""
    wanted = [page * mmap.PAGESIZE for page in pages]
    return {
        (at + where - start) // CHUNK
        for start, at, length in extents(path)
        for where in wanted
        if start <= where < start + length
    }
