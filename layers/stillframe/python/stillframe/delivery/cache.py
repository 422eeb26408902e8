"""Cache of results: one object for each request key, a line of JSON followed by the data."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from typing import Any

from ..keys import cache_key
from ..request import CaptureRequest
from ..result import Artifact, CaptureReport, CaptureResult, Target
from ..settings import SettingNotValid, Settings
from ..storage import Storage
from ..verdict import Verdict

_PREFIX = "cache/"
# Cached objects are not served from the storage; the type keeps a browser from rendering captured HTML there.
_TYPE = "application/octet-stream"

# Warnings of captures that ended before the page was finished; another attempt may give a better result.
_UNFINISHED = {"network_busy", "page_unsettled", "scroll_incomplete", "script_ended", "budget_exceeded"}


def is_cacheable(result: CaptureResult) -> bool:
    """Whether the result may serve later requests: no error page, and no wait ended too early."""
    codes = {w["code"] for w in result.report.warnings}
    unfinished = any(code in _UNFINISHED or code.endswith(("_timeout", "_failed")) for code in codes)
    return not unfinished and (result.report.target.status or 200) < 400


def etag(data: bytes) -> str:
    """A strong validator of the bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def key_of(request: CaptureRequest, settings: Settings, caller: str) -> str:
    """The cache key within CACHE_SCOPE. Raises SettingNotValid."""
    if settings.cache_scope not in ("caller", "shared"):
        raise SettingNotValid(f"CACHE_SCOPE: {settings.cache_scope!r} is not caller or shared.")
    return cache_key(request, caller if settings.cache_scope == "caller" else "")


async def look_up(
    key: str, request: CaptureRequest, storage: Storage, settings: Settings
) -> CaptureResult | None:
    """The cached result, None if it is missing, damaged or too old. Raises StorageUnavailable."""
    found = await asyncio.to_thread(storage.get, _PREFIX + key)
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
        report.verdict = Verdict.from_json(facts["verdict"])
    except (ValueError, TypeError, KeyError):
        return None  # written by another version of the service; the capture overwrites it
    report.note("age_seconds", round(age))
    result = CaptureResult("", artifact, report, "", cache="HIT", etag=etag(data))
    result.metadata = facts.get("metadata")
    return result


async def store(key: str, result: CaptureResult, storage: Storage) -> None:
    """Store a result under its key, replacing an older one. Raises StorageUnavailable."""
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
        "verdict": result.report.verdict.to_json(),
        "metadata": result.metadata,
    }
    body = json.dumps(facts).encode() + b"\n" + a.data
    await asyncio.to_thread(storage.put, _PREFIX + key, body, _TYPE, overwrite=True)
