"""A capture result as an HTTP response, by `response_type`."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse, RedirectResponse, Response

from ..result import CaptureResult
from .headers import EMBEDDABLE, common_headers, disposition


class _FileResponse(JSONResponse):
    """JSON with a file in base64, which is copied as it is: the encoder would search it for quotes."""

    def render(self, content: Any) -> bytes:
        if not isinstance(content.get("file"), str):
            return super().render(content)
        rest = super().render({name: value for name, value in content.items() if name != "file"})
        return b"".join((b'{"file":"', content["file"].encode("ascii"), b'",', memoryview(rest)[1:]))


def respond(result: CaptureResult, if_none_match: str | None = None) -> Response:
    """The bytes, JSON, 204, or a redirect to the stored result; 304 if `if_none_match` has its ETag."""
    headers = common_headers(result.request_id, result.report.target.to_json(), result.report.timings)
    headers["X-Receipt"] = result.report.receipt.to_header()
    headers["X-Capture-Verdict"] = result.report.verdict.line()
    if "debug" in result.report.facts:
        headers["X-Capture-Debug"] = result.report.facts["debug"]["url"]
    if result.report.warnings:
        codes = dict.fromkeys(w["code"] for w in result.report.warnings)
        headers["X-Capture-Warnings"] = ", ".join(codes)
    if result.cache != "off":
        headers["X-Cache"] = result.cache
    if result.etag:
        headers["ETag"] = result.etag
        if if_none_match and result.etag in [t.strip().removeprefix("W/") for t in if_none_match.split(",")]:
            return Response(status_code=304, headers=headers)
    if result.response_type == "empty":
        return Response(status_code=204, headers=headers)
    if result.response_type in ("json", "url"):
        return _FileResponse(result.to_json(inline=result.response_type == "json"), headers=headers)
    if result.stored is not None:
        return RedirectResponse(result.stored.url, 303, headers)
    artifact = result.artifact
    headers |= EMBEDDABLE
    headers["Content-Disposition"] = disposition(result.filename)
    if artifact.format in ("html", "mhtml"):
        # The captured page must not run scripts with the origin of the service.
        headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return Response(artifact.data, headers=headers, media_type=artifact.content_type)
