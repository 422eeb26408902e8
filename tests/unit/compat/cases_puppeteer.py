"""What the options of Puppeteer mean here, at Browserless and at Cloudflare Browser Rendering."""

from __future__ import annotations

from typing import Any

COOKIE = {"name": "a", "value": "b"}
LOADED = (
    "await new Promise((done, fail) => { const it = document.createElement({name});"
    " Object.assign(it, {properties}); {ready} document.head.append(it); {done} });"
)


def element(name: str, properties: str, *, waits: bool) -> str:
    ready = "it.onload = done; it.onerror = () => fail(new Error('not loaded: ' + (it.src || it.href)));"
    return (
        LOADED.replace("{name}", f'"{name}"')
        .replace("{properties}", properties)
        .replace("{ready}", ready if waits else "")
        .replace("{done}", "" if waits else "done();")
    )


def cookie(**more: Any) -> tuple[Any, ...]:
    return [COOKIE | more], {"cookies": [COOKIE | more]}


PAGE: dict[str, tuple[Any, ...]] = {
    "url": ("https://example.org/", {"url": "https://example.org/"}),
    "html": ("<p>x", {"html_content": "<p>x"}, "no url"),
    "addScriptTag": ([{"content": "a()"}, {"content": "b()"}], {"custom_js": "a()\nb()"}),
    "addScriptTag[].content": ([{"content": "a()"}], {"custom_js": "a()"}),
    "addScriptTag[].url": (
        [{"url": "https://a.example/a.js"}],
        {"custom_js": element("script", '{"src": "https://a.example/a.js"}', waits=True)},
    ),
    "addScriptTag[].type": (
        [{"content": "a()", "type": "module"}],
        {"custom_js": element("script", '{"textContent": "a()", "type": "module"}', waits=False)},
    ),
    "addScriptTag[].id": (
        [{"content": "a()", "id": "x"}],
        {"custom_js": element("script", '{"textContent": "a()", "id": "x"}', waits=False)},
    ),
    "addStyleTag": ([{"content": "a{}"}, {"content": "b{}"}], {"custom_css": "a{}\nb{}"}),
    "addStyleTag[].content": ([{"content": "a{}"}], {"custom_css": "a{}"}),
    "addStyleTag[].url": (
        [{"url": "https://a.example/a.css"}],
        {
            "custom_js": element(
                "link", '{"rel": "stylesheet", "href": "https://a.example/a.css"}', waits=True
            )
        },
    ),
    "authenticate.username": ("u", {"basic_auth": {"username": "u", "password": "b"}}, "auth"),
    "authenticate.password": ("p", {"basic_auth": {"username": "a", "password": "p"}}, "auth"),
    "bestAttempt": (True, {"fail_on": None}, {"waitForSelector": {"selector": "#a"}}),
    "cookies": cookie(),
    "cookies[].name": cookie(name="n"),
    "cookies[].value": cookie(value="v"),
    "cookies[].url": cookie(url="https://example.com/"),
    "cookies[].domain": cookie(domain="example.com"),
    "cookies[].path": cookie(path="/x"),
    "cookies[].expires": cookie(expires=2_000_000_000.0),
    "cookies[].httpOnly": cookie(httpOnly=True),
    "cookies[].secure": cookie(secure=True),
    "cookies[].sameSite": cookie(sameSite="Strict"),
    "cookies[].partitionKey": cookie(partitionKey="https://example.com"),
    "cookies[].priority": ([COOKIE | {"priority": "High"}], {"cookies": [COOKIE]}),
    "cookies[].sameParty": ([COOKIE | {"sameParty": True}], {"cookies": [COOKIE]}),
    "cookies[].sourceScheme": ([COOKIE | {"sourceScheme": "Secure"}], {"cookies": [COOKIE]}),
    "cookies[].sourcePort": ([COOKIE | {"sourcePort": 443}], {"cookies": [COOKIE]}),
    "emulateMediaType": ("print", {"media_type": "print"}),
    "gotoOptions.timeout": (45_000, {"wait_for_timeout": 45_000}),
    "gotoOptions.waitUntil": (["load", "networkidle0"], {"wait_until": "networkidle"}),
    "gotoOptions.referer": ("https://a.example/", {"custom_headers": {"Referer": "https://a.example/"}}),
    "rejectRequestPattern": ([r"\.mp4$", "ads"], {"block_urls": [r"/\.mp4$/", "/ads/"]}),
    "rejectResourceTypes": (["image", "font"], {"block_resources": ["image", "font"]}),
    "setExtraHTTPHeaders": ({"X-A": "1"}, {"custom_headers": {"X-A": "1"}}),
    "setJavaScriptEnabled": (False, {"javascript": False}),
    "userAgent": ("Agent/1", {"user_agent": "Agent/1"}),
    "viewport.width": (700, {"window_width": 700}),
    "viewport.height": (500, {"window_height": 500}),
    "viewport.deviceScaleFactor": (2, {"pixel_density": 2.0}),
    "viewport.isMobile": (True, {"is_mobile": True}),
    "viewport.hasTouch": (True, {"has_touch": True}),
    "viewport.isLandscape": (True, {}),
    "waitForSelector.selector": (
        "#a",
        {"wait_for_function": '!!document.querySelector("#a")', "fail_on": ["wait_timeout"]},
    ),
    "waitForSelector.visible": (
        True,
        {"wait_for_selector": "#a", "wait_for_function": None},
        {"waitForSelector": {"selector": "#a"}},
    ),
    "waitForSelector.hidden": (
        True,
        {"wait_for_hidden": "#a", "wait_for_function": None},
        {"waitForSelector": {"selector": "#a"}},
    ),
    "waitForSelector.timeout": (
        50_000,
        {"wait_for_timeout": 50_000},
        {"gotoOptions": {"timeout": 40_000}, "waitForSelector": {"selector": "#a"}},
    ),
    "waitForTimeout": (500, {"delay_capture": 500}),
}
SCREENSHOT: dict[str, tuple[Any, ...]] = {
    "type": ("webp", {"format": "webp"}),
    "quality": (60, {"image_quality": 60}),
    "fullPage": (True, {"full_page": True}),
    "omitBackground": (True, {"omit_background": True}),
    "clip.x": (10, {"clip": {"x": 10, "y": 2, "width": 3, "height": 4}}, "clip"),
    "clip.y": (10, {"clip": {"x": 1, "y": 10, "width": 3, "height": 4}}, "clip"),
    "clip.width": (10, {"clip": {"x": 1, "y": 2, "width": 10, "height": 4}}, "clip"),
    "clip.height": (10, {"clip": {"x": 1, "y": 2, "width": 3, "height": 10}}, "clip"),
    "clip.scale": (1, {}, "clip"),
    "encoding": ("binary", {}),
    "captureBeyondViewport": (True, {}),
    "fromSurface": (True, {}),
    "optimizeForSpeed": (False, {"png_effort": "small"}),
}
HEADER = '<span class="date"></span> <span class="title"></span>'
FOOTER = '<span class="url"></span> <span class="pageNumber"></span>/<span class="totalPages"></span>'
PDF: dict[str, tuple[Any, ...]] = {
    "scale": (0.5, {"pdf_scale": 0.5}),
    "displayHeaderFooter": (True, {"pdf_header": HEADER, "pdf_footer": FOOTER}),
    "headerTemplate": ("<b>h</b>", {"pdf_header": "<b>h</b>"}, "display"),
    "footerTemplate": ("<b>f</b>", {"pdf_footer": "<b>f</b>"}, "display"),
    "printBackground": (True, {"pdf_print_background": None}),
    "landscape": (True, {"pdf_landscape": True}),
    "pageRanges": ("1-2", {"pdf_page_ranges": "1-2"}),
    "format": ("a5", {"pdf_format": "A5"}),
    "width": (400, {"pdf_width": "400px", "pdf_format": None}),
    "height": ("20cm", {"pdf_height": "20cm", "pdf_format": None}),
    "preferCSSPageSize": (True, {"pdf_prefer_css_page_size": True}),
    "margin.top": (10, {"pdf_margin_top": "10px"}),
    "margin.right": ("1cm", {"pdf_margin_right": "1cm"}),
    "margin.bottom": ("2in", {"pdf_margin_bottom": "2in"}),
    "margin.left": ("12", {"pdf_margin_left": "12px"}),
    "tagged": (False, {"pdf_tagged": None}),
    "outline": (True, {"pdf_outline": True}),
    "timeout": (9000, {}),
}
PAGE_REFUSED = {
    "addScriptTag[].path": "content",
    "addStyleTag[].path": "content",
    "gotoOptions.referrerPolicy": "referer",
}
BAD: list[tuple[str, Any, str]] = [
    ("gotoOptions", "load", "must be an object"),
    ("gotoOptions.timeout", 0, "milliseconds"),
    ("gotoOptions.waitUntil", "networkidle", "networkidle2, networkidle0"),
    ("viewport.width", "wide", "number"),
    ("viewport.depth", 3, "did you mean"),
    ("waitForSelector.selector", "::-p-text(x)", "visible: true"),
    ("rejectResourceTypes", ["preflight"], "leave it out"),
    ("rejectResourceTypes", ["picture"], "is not one of document"),
    ("setExtraHTTPHeaders", {"X-A": 1}, "object of texts"),
    ("addScriptTag", ["x"], "content"),
    ("addScriptTag", [{"src": "x"}], "addScriptTag[].src"),
    ("cookies", "a=b", "must be a list"),
    ("emulateMediaType", "braille", "screen, print"),
]
