"""Earlier results by the request's key, kept in the storage with the time they were made."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from ..keys import cache_key
from ..request import CaptureRequest
from ..result import Artifact, CaptureReport, CaptureResult, Target
from ..settings import Settings
from ..storage import Storage

_PREFIX = "cache/"


def etag(data: bytes) -> str:
    """A strong validator of the bytes."""
    import hashlib

    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


async def look_up(
    request: CaptureRequest, storage: Storage, settings: Settings, request_id: str
) -> CaptureResult | None:
    """The cached result, if it is there, whole and young enough."""
    found = await asyncio.to_thread(storage.get, _PREFIX + cache_key(request))
    if found is None or found.metadata is None or "facts" not in found.metadata:
        return None
    facts: dict[str, Any] = json.loads(found.metadata["facts"])
    if time.time() - facts["at"] > (request.cache_ttl or settings.cache_ttl):
        return None
    artifact = Artifact(facts["format"], found.data, facts["content_type"], facts["extension"], facts["width"], facts["height"])  # fmt: skip
    report = CaptureReport(target=Target(**facts["target"]))
    report.warnings = facts["warnings"]
    report.note("age_seconds", round(time.time() - facts["at"]))
    return CaptureResult(request_id, artifact, report, "", cache="HIT", etag=etag(found.data))


async def keep(request: CaptureRequest, result: CaptureResult, storage: Storage) -> None:
    """Keep a result under its key, over an older one."""
    a = result.artifact
    facts = {
        "at": time.time(), "format": a.format, "content_type": a.content_type, "extension": a.extension,
        "width": a.width, "height": a.height, "target": result.report.target.to_json(),
        # Storage metadata is small; the code of a warning is what a later caller needs.
        "warnings": [{"code": w["code"], "message": w["message"][:120]} for w in result.report.warnings[:4]],
    }  # fmt: skip
    if len(json.dumps(facts)) > 1_500:
        facts["target"] = {"url": None, "final_url": None, "status": result.report.target.status}
    key = _PREFIX + cache_key(request)
    await asyncio.to_thread(storage.put, key, a.data, "application/octet-stream", metadata={"facts": json.dumps(facts)}, overwrite=True)  # fmt: skip
