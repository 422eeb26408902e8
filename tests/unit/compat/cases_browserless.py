"""What each option of Browserless means here."""

from __future__ import annotations

from typing import Any

from .cases_puppeteer import BAD as SHARED_BAD
from .cases_puppeteer import PAGE, PAGE_REFUSED, PDF, SCREENSHOT

FUNCTION = (
    "(await (async () => { const it = (() => window.done\n);"
    " return typeof it === 'function' ? it() : it })())"
)
MEANT: dict[str, tuple[Any, ...]] = {
    **PAGE,
    **{f"options.{name}": case for name, case in SCREENSHOT.items()},
    **{f"pdf:options.{name}": case for name, case in PDF.items()},
    "selector": ("#a", {"selector": "#a"}),
    "scrollPage": (True, {"scroll_page": True}),
    "pdf:options.fullPage": (True, {"pdf_single_page": True, "pdf_format": None}),
    "pdf:options.waitForFonts": (True, {}),
    "waitForFunction.fn": ("() => window.done", {"wait_for_function": FUNCTION, "fail_on": ["wait_timeout"]}),
    "waitForFunction.polling": (100, {}),
    "waitForFunction.timeout": (50_000, {"wait_for_timeout": 50_000}),
    "waitForEvent.timeout": (100, {}),
    "timeout": (20_000, {"timeout": 20_000}),
    "blockAds": ("true", {"block_ads": True}),
    "trackingId": ("abc", {"external_id": "abc"}),
}
GROUPS = {
    "auth": {"authenticate": {"username": "a", "password": "b"}},
    "clip": {"options": {"clip": {"x": 1, "y": 2, "width": 3, "height": 4}}},
    "display": {"options": {"displayHeaderFooter": True}},
}
REFUSED = {
    **PAGE_REFUSED,
    "token": "Authorization: Bearer",
    "blockAdsInclude": "block_trackers",
    "launch": "proxy",
    "profile": "storage_state",
    "waitForEvent.event": "waitForFunction",
    "requestInterceptors": "rejectRequestPattern",
    "requestInterceptors[].pattern": "rejectRequestPattern",
    "requestInterceptors[].response": "rejectRequestPattern",
    "options.path": "response",
    "pdf:options.path": "response",
    "pdf:options.omitBackground": "PNG",
    "elements": "format: metadata",
    "debugOpts": "format: metadata",
    "code": "interactions",
    "context": "interactions",
    "budgets": "report.timings",
    "config": "report.timings",
}
BAD = [
    *SHARED_BAD,
    ("options.type", "gif", "png, jpeg, webp"),
    ("options.clip.scale", 2, "deviceScaleFactor"),
    ("options.captureBeyondViewport", False, "leave it out"),
    ("options.encoding", "utf8", "binary, base64"),
    ("screenshot:options.format", "A4", "another path of Browserless"),
    ("pdf:options.width", True, "length"),
    ("pdf:options", {"fullPage": True, "format": "A4"}, "cannot be used with"),
]
