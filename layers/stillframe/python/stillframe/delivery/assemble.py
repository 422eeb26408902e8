"""Make the result of a capture from its artifacts: name their files, and put several into one archive."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from ..request import CaptureRequest
from ..result import Artifact, CaptureReport, CaptureResult

if TYPE_CHECKING:
    from ..attempt import Captured


def result_of(
    request: CaptureRequest, captured: Captured, report: CaptureReport, request_id: str
) -> CaptureResult:
    """One artifact, or the archive of several with each of them as a part."""

    def one(artifact: Artifact, name: str | None) -> CaptureResult:
        return CaptureResult(request_id, artifact, report, filename(name, artifact.extension))

    names = [o.get("filename") for o in request.outputs] if request.outputs else [request.filename]
    parts = [
        one(part, _tile_name(name, part))
        for artifact, name in zip(captured.artifacts, names, strict=True)
        for part in artifact.tiles or (artifact,)
    ]
    if request.outputs is None and not captured.artifacts[0].tiles:
        (result,) = parts
    else:
        result = one(zipped(parts), request.filename)
        result.parts = parts
    result.metadata = captured.metadata
    return result


def filename(name: str | None, extension: str) -> str:
    """Pixashot's `screenshot.<format>`, or the requested name with the extension."""
    if not name:
        return f"screenshot.{extension}"
    return name if name.lower().endswith(f".{extension}") else f"{name}.{extension}"


def _tile_name(name: str | None, artifact: Artifact) -> str | None:
    """The name with the number of the tile."""
    if artifact.tile is None:
        return name
    stem = (name or "screenshot").removesuffix(f".{artifact.extension}")
    return f"{stem}-{artifact.tile['number']:02}"


def zipped(parts: list[CaptureResult]) -> Artifact:
    """Several results as one zip archive, uncompressed, because images are compressed already."""
    buffer, names = io.BytesIO(), set[str]()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            name, count = part.filename, 1
            while name in names:
                count += 1
                stem, dot, extension = part.filename.rpartition(".")
                name = f"{stem}-{count}{dot}{extension}"
            names.add(name)
            archive.writestr(name, part.artifact.data)
    return Artifact("zip", buffer.getvalue(), "application/zip", "zip")
