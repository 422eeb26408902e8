"""Earlier results by the request's key: one object each, a line of facts and then the bytes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from typing import Any

from ..keys import cache_key
from ..request import CaptureRequest
from ..result import Artifact, CaptureReport, CaptureResult, Target
from ..settings import Settings
from ..storage import Storage

_PREFIX = "cache/"
# Never served as it lies: a browser that is led to it must not take a stranger's HTML for ours.
_TYPE = "application/octet-stream"


# What was taken of a page that had not finished; the next caller may have more luck.
_UNFINISHED = {"network_busy", "page_unsettled", "scroll_incomplete", "script_ended", "budget_exceeded"}


def is_cacheable(result: CaptureResult) -> bool:
    """Whether a later caller wants this too: no error page, and nothing of it came too late."""
    codes = {w["code"] for w in result.report.warnings}
    late = any(code in _UNFINISHED or code.endswith(("_timeout", "_failed")) for code in codes)
    return not late and (result.report.target.status or 200) < 400


def etag(data: bytes) -> str:
    """A strong validator of the bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


async def look_up(
    request: CaptureRequest, storage: Storage, settings: Settings, request_id: str
) -> CaptureResult | None:
    """The cached result, if it is there, whole and young enough. Raises StorageUnavailable."""
    found = await asyncio.to_thread(storage.get, _PREFIX + cache_key(request))
    if found is None:
        return None
    line, _, data = found.data.partition(b"\n")
    try:
        facts: dict[str, Any] = json.loads(line)
        age = time.time() - facts["at"]
        if age > (request.cache_ttl or settings.cache_ttl) or len(data) != facts["bytes"]:
            return None
        artifact = Artifact(
            facts["format"], data, facts["content_type"], facts["extension"], facts["width"], facts["height"]
        )
        report = CaptureReport(target=Target(**facts["target"]), warnings=facts["warnings"])
    except (ValueError, TypeError, KeyError):
        return None  # of another edition of the service; the capture replaces it
    report.note("age_seconds", round(age))
    result = CaptureResult(request_id, artifact, report, "", cache="HIT", etag=etag(data))
    result.metadata = facts.get("metadata")
    return result


async def keep(request: CaptureRequest, result: CaptureResult, storage: Storage) -> None:
    """Keep a result under its key, over an older one. Raises StorageUnavailable."""
    a = result.artifact
    facts = {
        "at": time.time(),
        "bytes": len(a.data),
        "format": a.format,
        "content_type": a.content_type,
        "extension": a.extension,
        "width": a.width,
        "height": a.height,
        "target": result.report.target.to_json(),
        "warnings": result.report.warnings,
        "metadata": result.metadata,
    }
    body = json.dumps(facts).encode() + b"\n" + a.data
    await asyncio.to_thread(storage.put, _PREFIX + cache_key(request), body, _TYPE, overwrite=True)
