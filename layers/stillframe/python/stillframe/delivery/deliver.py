"""Return a result inline if it fits the entry point, else store it and return a link."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime

from ..errors import NotConfigured, ResultTooLarge
from ..keys import object_key
from ..request import CaptureRequest
from ..result import Artifact, CaptureReport, CaptureResult, Stored
from ..settings import Settings
from ..storage import Storage

BUNDLE_TYPE = "text/html; charset=utf-8"
# Lambda's response is JSON: content of these types is sent as escaped text, everything else as base64.
_TEXTS = ("text/", "application/json")


@dataclass(frozen=True, slots=True)
class DeliveryTarget:
    """How much the entry point returns inline, and the storage for results that are larger.

    `as_json` marks entry points whose response is itself JSON (direct invocation), not HTTP. `object_name` is
    the key of a stored result, without its extension; a repeated capture of that name replaces the object.
    """

    max_inline_bytes: int | None
    storage: Storage | None
    base_url: str
    as_json: bool = False
    stores_bundle: bool = True
    object_name: str | None = None

    def key(self, extension: str, part: int | None = None) -> str | None:
        """The key of a result, or of one of its parts; None if it has no name."""
        suffix = "" if part is None else f"-{part}"
        return None if self.object_name is None else f"{self.object_name}{suffix}.{extension}"


async def deliver(
    result: CaptureResult, request: CaptureRequest, target: DeliveryTarget, settings: Settings
) -> CaptureResult:
    """Store the result if the request asks for it or it does not fit inline.

    Raises StorageUnavailable, and without a storage NotConfigured or ResultTooLarge.
    """
    must_store = request.store or request.response_type in ("redirect", "url")
    if not must_store and (request.response_type == "empty" or fits(result, request, target)):
        if result.bundle is not None and target.storage is not None and target.stores_bundle:
            base = target.base_url
            await store_bundle(result.bundle, result.report, request, target.storage, settings, base_url=base)
        return result
    if target.storage is None:
        if must_store:
            raise NotConfigured("No storage is configured (STORAGE_URL), so nothing can be stored.")
        raise ResultTooLarge(
            f"The result of {len(result.artifact.data)} bytes does not fit this entry point,"
            " and no storage is configured (STORAGE_URL)."
        )
    if target.as_json or request.response_type in ("json", "url"):
        ttl = request.presign_ttl or settings.presign_ttl
        await _store_parts(result, target.storage, target, ttl)
    return await store(
        result,
        request,
        target.storage,
        settings,
        base_url=target.base_url,
        key=target.key(result.artifact.extension),
        overwrite=target.object_name is not None,
    )


async def store(
    result: CaptureResult,
    request: CaptureRequest,
    storage: Storage,
    settings: Settings,
    *,
    base_url: str = "",
    key: str | None = None,
    overwrite: bool = False,
) -> CaptureResult:
    """Store a result under `key` or a new key. Raises StorageUnavailable; KeyTaken unless `overwrite`."""
    key = key or object_key(result.artifact.extension)
    with result.report.phase("store"):
        ttl = request.presign_ttl or settings.presign_ttl
        result.stored = await asyncio.to_thread(_put, result, storage, key, base_url, ttl, overwrite)
        if result.bundle is not None:
            await store_bundle(
                result.bundle,
                result.report,
                request,
                storage,
                settings,
                base_url=base_url,
                key=bundle_key_of(key),
                overwrite=overwrite,
            )
    return result


def bundle_key_of(key: str) -> str:
    """The key of the debug bundle next to the result with this key."""
    folder, slash, name = key.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}.debug.html"


async def store_bundle(
    data: bytes,
    report: CaptureReport,
    request: CaptureRequest,
    storage: Storage,
    settings: Settings,
    *,
    base_url: str = "",
    key: str | None = None,
    overwrite: bool = False,
) -> str:
    """Store a debug bundle under `key` or a new one, and put its link into the report; returns the link."""
    key = key or object_key("debug.html")

    def put() -> tuple[str, datetime]:
        storage.put(key, data, BUNDLE_TYPE, filename="debug.html", overwrite=overwrite)
        return storage.url(key, request.presign_ttl or settings.presign_ttl, base_url=base_url)

    url, expires_at = await asyncio.to_thread(put)
    report.note("debug", {"key": key, "url": url, "expires_at": expires_at.isoformat()})
    return url


async def _store_parts(result: CaptureResult, storage: Storage, target: DeliveryTarget, ttl: int) -> None:
    """Store each artifact of `outputs`; a JSON response has a link to each."""
    overwrite = target.object_name is not None
    with result.report.phase("store"):
        extensions = [part.artifact.extension for part in result.parts]
        keys = [target.key(e, number) or object_key(e) for number, e in enumerate(extensions, 1)]
        puts = (
            asyncio.to_thread(_put, p, storage, k, target.base_url, ttl, overwrite)
            for p, k in zip(result.parts, keys, strict=True)
        )
        for part, stored in zip(result.parts, await asyncio.gather(*puts), strict=True):
            part.stored = stored


def fits(result: CaptureResult, request: CaptureRequest, target: DeliveryTarget) -> bool:
    """Whether the encoded response is within the entry point's limit, which counts bytes before base64."""
    if target.max_inline_bytes is None:
        return True
    return _encoded_size(result, request.response_type, target.as_json) <= target.max_inline_bytes * 4 / 3


def _encoded_size(result: CaptureResult, response_type: str, as_json: bool) -> float:
    """Bytes of the response: artifacts as base64 or escaped text, and in JSON their description."""
    artifact = result.artifact
    if as_json or response_type == "json":
        description = json.dumps(result.to_json(inline=False), ensure_ascii=False)
        if not as_json:
            # Over HTTP the JSON is the body, a string within Lambda's JSON response.
            description = json.dumps(description, ensure_ascii=False)
        size = sum(len(part.artifact.data) for part in result.parts) or len(artifact.data)
        return size * 4 / 3 + len(description.encode("utf-8", "replace"))
    if artifact.content_type.startswith(_TEXTS):
        return len(json.dumps(artifact.data.decode("utf-8", "replace"), ensure_ascii=False).encode())
    return len(artifact.data) * 4 / 3


def _put(
    result: CaptureResult, storage: Storage, key: str, base_url: str, ttl: int, overwrite: bool
) -> Stored:
    artifact = result.artifact
    version = storage.put(
        key,
        artifact.data,
        safe_type(artifact),
        filename=result.filename,
        metadata=_facts(result),
        overwrite=overwrite,
    )
    url, expires_at = storage.url(key, ttl, base_url=base_url)
    return Stored(key, url, expires_at, storage.location(key, version))


def _facts(result: CaptureResult) -> dict[str, str]:
    """Object metadata for operators; no URLs, which may contain secrets."""
    report = result.report
    facts = {"request-id": result.request_id, "format": result.artifact.format}
    if result.artifact.width is not None:
        facts["size"] = f"{result.artifact.width}x{result.artifact.height}"
    if report.target.status is not None:
        facts["target-status"] = str(report.target.status)
    facts["verdict"] = report.verdict.line()
    if report.warnings:
        facts["warnings"] = ",".join(dict.fromkeys(w["code"] for w in report.warnings))
    if result.external_id:
        facts["external-id"] = result.external_id
    return facts


def safe_type(artifact: Artifact) -> str:
    """The type to store: captured HTML becomes plain text, so that the storage's origin never runs it."""
    return "text/plain; charset=utf-8" if artifact.format in ("html", "mhtml") else artifact.content_type
