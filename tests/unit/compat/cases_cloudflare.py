"""What each option of Cloudflare Browser Rendering means here."""

from __future__ import annotations

from typing import Any

from .cases_puppeteer import BAD as SHARED_BAD
from .cases_puppeteer import PAGE, PAGE_REFUSED, PDF, SCREENSHOT

ALL_BUT_SCRIPTS = [
    *("stylesheet", "image", "media", "font", "texttrack", "xhr", "fetch", "prefetch", "eventsource"),
    *("websocket", "manifest", "ping", "other"),
]
# In a snapshot the options of the picture belong to its output.
OUTPUT = {"format": "outputs", "image_quality": "outputs"}
MEANT: dict[str, tuple[Any, ...]] = {
    **PAGE,
    **{f"screenshotOptions.{name}": case for name, case in SCREENSHOT.items()},
    **{f"pdf:pdfOptions.{name}": case for name, case in PDF.items()},
    "selector": ("#a", {"selector": "#a"}),
    "scrollPage": (True, {"scroll_page": True}),
    "rejectRequestPattern": (
        ["/^.*\\.(css)", "/ads/", "x.js"],
        {"block_urls": ["/^.*\\.(css)/", "/ads/", "/x.js/"]},
    ),
    "allowResourceTypes": (["document", "script"], {"block_resources": ALL_BUT_SCRIPTS}),
    "actionTimeout": (9000, {}),
    "cacheTTL": ("60", {"cache": True, "cache_ttl": 60}),
    "snapshot:formats": (
        ["markdown", "screenshot"],
        {"outputs": [{"format": "markdown"}, {"format": "png"}]},
    ),
}
GROUPS = {
    "auth": {"authenticate": {"username": "a", "password": "b"}},
    "clip": {"screenshotOptions": {"clip": {"x": 1, "y": 2, "width": 3, "height": 4}}},
    "display": {"pdfOptions": {"displayHeaderFooter": True}},
}
REFUSED = {
    **PAGE_REFUSED,
    "allowRequestPattern": "rejectRequestPattern",
    "pdf:pdfOptions.omitBackground": "PNG",
    "elements": "format: metadata",
    "visibleLinksOnly": "format: metadata",
    "excludeExternalLinks": "format: metadata",
    **dict.fromkeys(("prompt", "response_format", "custom_ai", "jsonOptions"), "format: markdown"),
    **dict.fromkeys(
        ("limit", "depth", "source", "render", "maxAge", "modifiedSince", "crawlPurposes"),
        "POST /capture/batch",
    ),
    **dict.fromkeys(
        (
            "options.includeExternalLinks",
            "options.includeSubdomains",
            "options.includePatterns",
            "options.excludePatterns",
        ),
        "/capture/batch",
    ),
}
BAD = [
    *SHARED_BAD,
    ("screenshotOptions.clip.scale", 2, "deviceScaleFactor"),
    ("snapshot:formats", ["content"], "at least two"),
    ("snapshot:formats", ["content", "accessibilityTree"], "content"),
    ("cacheTTL", "soon", "number"),
    ("screenshot:pdfOptions", {"format": "a4"}, "another path"),
]
