"""What each field of Gotenberg's forms means here."""

from __future__ import annotations

import json
from typing import Any

COOKIE = {"name": "a", "value": "b", "domain": "example.com"}
FUNCTION = (
    "(await (async () => { const it = (window.done\n); return typeof it === 'function' ? it() : it })())"
)


def cookie(**more: Any) -> tuple[Any, ...]:
    return json.dumps([COOKIE | more]), {"cookies": [COOKIE | more]}


MEANT: dict[str, tuple[Any, ...]] = {
    "url": ("https://example.org/", {"url": "https://example.org/"}),
    "skipNetworkIdleEvent": ("false", {"wait_for_network": "idle"}),
    "skipNetworkAlmostIdleEvent": ("false", {"wait_for_network": "mostly_idle"}),
    "failOnHttpStatusCodes": ("[404, 599]", {"fail_on_status": ["404", "5xx"]}),
    "ignoreResourceHttpStatusDomains": ('["a.example"]', {}),
    "failOnResourceLoadingFailed": ("true", {"fail_on": ["failed_request"]}),
    "failOnConsoleExceptions": ("true", {"fail_on_console_error": True}),
    "waitDelay": ("1m1.5s", {"delay_capture": 61_500}),
    "waitWindowStatus": ("ready", {"wait_for_function": 'window.status === "ready"'}),
    "waitForExpression": ("window.done", {"wait_for_function": FUNCTION}),
    "waitForSelector": ("#a", {"wait_for_selector": "#a"}),
    "cookies": cookie(),
    "cookies[].name": cookie(name="n"),
    "cookies[].value": cookie(value="v"),
    "cookies[].domain": cookie(domain="example.org"),
    "cookies[].path": cookie(path="/x"),
    "cookies[].secure": cookie(secure=True),
    "cookies[].httpOnly": cookie(httpOnly=True),
    "cookies[].sameSite": (
        json.dumps([COOKIE | {"sameSite": "lax"}]),
        {"cookies": [COOKIE | {"sameSite": "Lax"}]},
    ),
    "userAgent": ("Agent/1", {"user_agent": "Agent/1"}),
    "extraHttpHeaders": ('{"X-A": "1"}', {"custom_headers": {"X-A": "1"}}),
    "emulatedMediaType": ("screen", {"media_type": "screen"}),
    "emulatedMediaFeatures": (
        '{"prefers-color-scheme": "dark", "prefers-reduced-motion": "reduce", "prefers-contrast": "more"}',
        {"dark_mode": True, "reduced_motion": True, "contrast": "more"},
    ),
    "landscape": ("true", {"pdf_landscape": True}),
    "printBackground": ("true", {"pdf_print_background": None}),
    "scale": ("0.5", {"pdf_scale": 0.5}),
    "singlePage": ("true", {"pdf_single_page": True, "pdf_height": None}),
    "paperWidth": ("8.27", {"pdf_width": "8.27in"}),
    "paperHeight": ("297mm", {"pdf_height": "297mm"}),
    "marginTop": ("1", {"pdf_margin_top": "1in"}),
    "marginBottom": ("2cm", {"pdf_margin_bottom": "2cm"}),
    "marginLeft": ("0", {"pdf_margin_left": "0in"}),
    "marginRight": ("12pt", {"pdf_margin_right": "12pt"}),
    "nativePageRanges": ("1-2", {"pdf_page_ranges": "1-2"}),
    "header.html": ("<b>h</b>", {"pdf_header": "<b>h</b>"}),
    "footer.html": ("<b>f</b>", {"pdf_footer": "<b>f</b>"}),
    "preferCssPageSize": ("true", {"pdf_prefer_css_page_size": True}),
    "generateDocumentOutline": ("true", {"pdf_outline": True}),
    "generateTaggedPdf": ("true", {"pdf_tagged": True}),
    "metadata": (
        '{"Title": "T", "Author": "A", "Keywords": ["a", "b"]}',
        {"pdf_metadata": {"title": "T", "author": "A", "keywords": "a, b"}},
    ),
    "shot:width": ("700", {"window_width": 700}),
    "shot:height": ("500", {"window_height": 500}),
    "shot:clip": ("true", {"full_page": None}),
    "shot:selector": ("#a", {"selector": "#a", "full_page": None}),
    "shot:format": ("webp", {"format": "webp"}),
    "shot:quality": ("60", {"image_quality": 60}),
    "shot:omitBackground": ("true", {"omit_background": True}),
    "shot:optimizeForSpeed": ("false", {"png_effort": "small"}),
    "shot:deviceScaleFactor": ("2", {"pixel_density": 2.0}),
    "Gotenberg-Output-Filename": ("x", {"filename": "x"}),
    "Gotenberg-Trace": ("abc", {}),
    **{
        f"allow{right}": ("false", {})
        for right in ("Printing", "Copying", "Modifying", "Annotating", "FillingForms", "Assembling")
    },
    "imageQuality": ("80", {}),
}
# Files, which `test_forms.py` sends.
FILES = {"index.html", "*", "*.md"}
GROUPS: dict[str, dict[str, Any]] = {}
_WEBHOOK = ("Url", "Error-Url", "Events-Url", "Method", "Error-Method", "Extra-Http-Headers")
_ENGINES = (
    "watermark watermarkSource watermarkExpression watermarkPages watermarkOptions stamp stampSource"
    " stampExpression stampPages stampOptions optimizeImages facturxXml facturxConformanceLevel"
    " facturxDocumentType facturxVersion"
)
REFUSED = {
    **{f"Gotenberg-Webhook-{name}": "webhook_url" for name in _WEBHOOK},
    **dict.fromkeys(_ENGINES.split(), "the file that is returned"),
    **dict.fromkeys(("splitMode", "splitSpan", "splitUnify"), "nativePageRanges"),
    **dict.fromkeys(("pdfa", "pdfua"), "generateTaggedPdf"),
    **dict.fromkeys(("userPassword", "ownerPassword"), "encrypt the file"),
    **dict.fromkeys(("embeds", "embedsMetadata"), "attach files"),
    **dict.fromkeys(("rotateAngle", "rotatePages"), "use landscape"),
    "bookmarks": "generateDocumentOutline",
    "downloadFrom": "send the files",
    "omitBackground": "PNG",
}
BAD = [
    ("failOnResourceHttpStatusCodes", "[404]", "failOnResourceLoadingFailed"),
    ("failOnHttpStatusCodes", "404", "JSON list"),
    ("waitDelay", "5", "its unit"),
    ("waitDelay", "soon", "2.5s"),
    ("extraHttpHeaders", '{"X-A": "1;scope=.*"}', "scope"),
    ("emulatedMediaFeatures", '{"update": "slow"}', "is not emulated"),
    ("metadata", '{"Producer": "x"}', "Title, Author"),
    ("cookies", '[{"name": "a", "size": 3}]', "size"),
    ("cookies", "a=b", "JSON"),
    ("paperWidth", "wide", "length"),
    ("shot:format", "pdf", "png, jpeg, webp"),
    ("shot:marginTop", "1", "another path"),
]
