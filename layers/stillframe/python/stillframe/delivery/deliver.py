"""Inline when it fits the door and nobody asked otherwise; else stored, with a link."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import dataclass

from ..errors import NotConfigured, ResultTooLarge
from ..keys import object_key
from ..request import CaptureRequest
from ..result import Artifact, CaptureResult, Stored
from ..settings import Settings
from ..storage import Storage

# A function answers with JSON: these types travel in it as texts, which are escaped, and all others as base64.
_TEXTS = ("text/", "application/json")


@dataclass(frozen=True, slots=True)
class DeliveryTarget:
    """What the door can carry, and where the rest goes."""

    max_inline_bytes: int | None
    storage: Storage | None
    base_url: str
    as_json: bool = False


async def deliver(
    result: CaptureResult, request: CaptureRequest, way: DeliveryTarget, settings: Settings
) -> CaptureResult:
    """Store what must be stored. Raises ResultTooLarge or NotConfigured without a storage, StorageUnavailable."""
    asked = request.store or request.response_type in ("redirect", "url")
    if not asked and fits(result, request, way):
        return result
    if request.response_type == "empty" and not asked:
        return result
    if way.storage is None:
        if asked:
            raise NotConfigured("No storage is configured (STORAGE_URL), so nothing can be stored.")
        raise ResultTooLarge(
            f"The result of {len(result.artifact.data)} bytes does not fit this door, and no storage is"
            " configured (STORAGE_URL)."
        )
    if way.as_json or request.response_type in ("json", "url"):
        await _keep_parts(result, way.storage, way.base_url, request.presign_ttl or settings.presign_ttl)
    return await keep(result, request, way.storage, settings, base_url=way.base_url)


async def keep(
    result: CaptureResult,
    request: CaptureRequest,
    storage: Storage,
    settings: Settings,
    *,
    base_url: str = "",
    key: str | None = None,
) -> CaptureResult:
    """Put a result into the storage, under a key of its own unless one is given. Raises StorageUnavailable, KeyTaken."""
    with result.report.phase("store"):
        result.stored = await asyncio.to_thread(
            _put,
            result,
            storage,
            key or object_key(result.artifact.extension),
            base_url,
            request.presign_ttl or settings.presign_ttl,
        )
    return result


async def _keep_parts(result: CaptureResult, storage: Storage, base_url: str, ttl: int) -> None:
    """An answer in JSON names each of several artefacts by itself."""
    with result.report.phase("store"):
        keys = [object_key(part.artifact.extension) for part in result.parts]
        work = (
            asyncio.to_thread(_put, p, storage, k, base_url, ttl)
            for p, k in zip(result.parts, keys, strict=True)
        )
        for part, stored in zip(result.parts, await asyncio.gather(*work), strict=True):
            part.stored = stored


def fits(result: CaptureResult, request: CaptureRequest, way: DeliveryTarget) -> bool:
    """Whether the door holds the answer as it will be written; its limit is told in bytes before base64."""
    if way.max_inline_bytes is None:
        return True
    return _written(result, request.response_type, way.as_json) <= way.max_inline_bytes * 4 / 3


def _written(result: CaptureResult, response_type: str, as_json: bool) -> float:
    """Bytes of the answer: the artefacts as base64 or escaped text, and in JSON all that is told of them."""
    artifact = result.artifact
    if as_json or response_type == "json":
        said = json.dumps(result.to_json(inline=False), ensure_ascii=False)
        # Over HTTP the JSON is itself a text in the function's answer.
        said = said if as_json else json.dumps(said, ensure_ascii=False)
        size = sum(len(part.artifact.data) for part in result.parts) or len(artifact.data)
        return size * 4 / 3 + len(said.encode("utf-8", "replace"))
    if artifact.content_type.startswith(_TEXTS):
        return len(json.dumps(artifact.data.decode("utf-8", "replace"), ensure_ascii=False).encode())
    return len(artifact.data) * 4 / 3


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
