"""The examples of the OpenAPI document, each the body of a request or of an answer."""

from __future__ import annotations

from typing import Any

PAGE = {"url": "https://example.com"}
RECEIPT = {
    "id": "01J9ZQ3M5T",
    "status": "queued",
    "status_url": "https://captures.example.com/jobs/01J9ZQ3M5T",
}
RESULT = {
    "file": "iVBORw0KGgo=",
    "format": "png",
    "content_type": "image/png",
    "width": 1920,
    "height": 1080,
    "bytes": 8,
    "filename": "screenshot.png",
    "report": {
        "verdict": {"ok": True, "findings": []},
        "warnings": [],
        "target": {"url": "https://example.com", "final_url": "https://example.com/", "status": 200},
        "timings": {"total": 612.4},
    },
    "request_id": "01J9ZQ3M5T",
}
JOB = {
    "id": "01J9ZQ3M5T",
    "status": "done",
    "created_at": "2026-01-01T00:00:00.000+00:00",
    "finished_at": "2026-01-01T00:00:02.000+00:00",
    "result": RESULT,
}
ERROR = {
    "status": "error",
    "message": "unknown option 'fulpage'; did you mean 'full_page'?",
    "error_type": "RequestNotValid",
    "error_details": [{"field": "fulpage", "type": "unknown_option", "suggestion": "full_page"}],
    "timestamp": "2026-01-01T00:00:00.000000+00:00",
    "code": "request_not_valid",
    "retryable": False,
    "request_id": "01J9ZQ3M5T",
    "documentation_url": "https://github.com/stillframe/stillframe/blob/main/docs/errors.md#request_not_valid",
    "target": {"url": None, "final_url": None, "status": None},
}
CAPTURES: dict[str, dict[str, Any]] = {
    "A page": PAGE,
    "A full page without its consent banner": PAGE | {"full_page": True, "block_cookie_banners": "reject"},
    "HTML as PDF": {"html_content": "<h1>Invoice</h1>", "format": "pdf", "pdf_format": "A4"},
    "Two formats of one page load": PAGE
    | {"outputs": [{"format": "png"}, {"format": "pdf"}], "response_type": "json"},
    "A phone": PAGE | {"device": "iPhone 15"},
}
