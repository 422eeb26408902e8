"""Inline when it fits the door and nobody asked otherwise; else stored, with a link."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import dataclass

from ..errors import NotConfigured, ResultTooLarge
from ..keys import object_key
from ..request import CaptureRequest
from ..result import Artifact, CaptureResult, Stored
from ..settings import Settings
from ..storage import Storage

# A JSON answer carries the report beside the file.
_JSON_EXTRA = 65_536


@dataclass(frozen=True, slots=True)
class Way:
    """What the door can carry, and where the rest goes."""

    max_inline_bytes: int | None
    storage: Storage | None
    base_url: str


async def deliver(
    result: CaptureResult, request: CaptureRequest, way: Way, settings: Settings
) -> CaptureResult:
    """Store what must be stored. Raises ResultTooLarge or NotConfigured without a storage, StorageUnavailable."""
    asked = request.store or request.response_type in ("redirect", "url")
    if not asked and fits(result, request, way.max_inline_bytes):
        return result
    if request.response_type == "empty" and not asked:
        return result
    if way.storage is None:
        if asked:
            raise NotConfigured("No storage is configured (STORAGE_URL), so nothing can be stored.")
        raise ResultTooLarge(
            f"The result of {len(result.artifact.data)} bytes does not fit this door, and no storage is configured (STORAGE_URL)."
        )
    return await keep(result, request, way.storage, settings, base_url=way.base_url)


async def keep(
    result: CaptureResult, request: CaptureRequest, storage: Storage, settings: Settings,
    *, base_url: str = "", key: str | None = None,
) -> CaptureResult:  # fmt: skip
    """Put a result into the storage, under a key of its own unless one is given. Raises StorageUnavailable, KeyTaken."""
    with result.report.phase("store"):
        result.stored = await asyncio.to_thread(
            _put, result, storage, key or object_key(result.artifact.extension), base_url,
            request.presign_ttl or settings.presign_ttl,
        )  # fmt: skip
    return result


def fits(result: CaptureResult, request: CaptureRequest, limit: int | None) -> bool:
    """Whether the answer holds the bytes; JSON of several outputs counts them all."""
    if limit is None:
        return True
    size = sum(len(p.artifact.data) for p in result.parts) or len(result.artifact.data)
    return size + (_JSON_EXTRA if request.response_type == "json" else 0) <= limit


def _put(result: CaptureResult, storage: Storage, key: str, base_url: str, ttl: int) -> Stored:
    artifact = result.artifact
    storage.put(key, artifact.data, safe_type(artifact), filename=result.filename, metadata=_facts(result))
    url, expires_at = storage.url(key, ttl, base_url=base_url)
    return Stored(key, url, expires_at)


def _facts(result: CaptureResult) -> dict[str, str]:
    """What an operator wants to know of an object without opening it; no addresses, which may hold secrets."""
    report = result.report
    facts = {"request-id": result.request_id, "format": result.artifact.format}
    if result.artifact.width is not None:
        facts["size"] = f"{result.artifact.width}x{result.artifact.height}"
    if report.target.status is not None:
        facts["target-status"] = str(report.target.status)
    if report.warnings:
        facts["warnings"] = ",".join(dict.fromkeys(w["code"] for w in report.warnings))
    if result.external_id:
        facts["external-id"] = result.external_id
    return facts


def safe_type(artifact: Artifact) -> str:
    """A stranger's HTML is never served as HTML from the storage's address."""
    return "text/plain; charset=utf-8" if artifact.format in ("html", "mhtml") else artifact.content_type


def zipped(parts: list[CaptureResult]) -> Artifact:
    """Several results as one archive; pictures are compressed already, so nothing is squeezed twice."""
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
