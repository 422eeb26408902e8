"""The fields of Gotenberg's Chromium forms; a bare length is in inches, a duration has its unit."""

from __future__ import annotations

from typing import Any

from .gotenberg_refused import WEBHOOKS
from .table import Refused, Table, Translation, applied, ignored, item, noted, part, refused, to
from .values import boolean, duration, few, from_json, inches, integer, mapping, number, one_of, text
from .waits import as_predicate

_FEATURES: dict[str, dict[str, tuple[str, Any]]] = {
    "prefers-color-scheme": {"dark": ("dark_mode", True), "light": ("dark_mode", False)},
    "prefers-reduced-motion": {
        "reduce": ("reduced_motion", True),
        "no-preference": ("reduced_motion", False),
    },
    "forced-colors": {"active": ("forced_colors", True), "none": ("forced_colors", False)},
    "prefers-contrast": {one: ("contrast", one) for one in ("more", "less", "custom")},
}
# Fields and header templates of Gotenberg's cookies that are ours too.
_COOKIE = ("name", "value", "domain", "path", "secure", "httpOnly", "sameSite")
_ENTRIES = {"title": "title", "author": "author", "subject": "subject", "keywords": "keywords"}


def _statuses(value: Any) -> list[str]:
    """HTTP statuses; 499 stands for all 4xx, and so on."""
    found = from_json(value)
    if not isinstance(found, list) or not all(isinstance(one, int) and 100 <= one <= 599 for one in found):
        raise ValueError("must be a JSON list of HTTP statuses, such as [404, 599]")
    return [f"{one // 100}xx" if one % 100 == 99 else str(one) for one in found]


def _cookies(t: Translation, value: Any) -> None:
    found = from_json(value)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("must be a JSON list of cookies")
    few(found)
    for cookie in found:
        if unknown := sorted(set(map(str, cookie)) - set(_COOKIE)):
            raise ValueError(f"unknown field {unknown[0][:40]!r} of a cookie")
    t.extend("cookies", found)


def _headers(t: Translation, value: Any) -> None:
    for name, content in mapping(value).items():
        if any(part.strip().lower().startswith("scope") for part in content.split(";")):
            raise Refused("headers are sent to the target's origin only; leave the `;scope=…` out")
        t.put("custom_headers", name, content)


def _features(t: Translation, value: Any) -> None:
    for name, wanted in mapping(value).items():
        known = _FEATURES.get(name)
        if known is None or wanted not in known:
            options = [f"{n}: {', '.join(v)}" for n, v in _FEATURES.items()]
            raise ValueError(f"{name[:40]}: {wanted[:40]!r} is not emulated; there are {'; '.join(options)}")
        t.set(*known[wanted])


def _metadata(t: Translation, value: Any) -> None:
    found = from_json(value)
    if not isinstance(found, dict):
        raise ValueError("must be a JSON object")
    for name, content in found.items():
        key = _ENTRIES.get(str(name).lower())
        if key is None:
            raise Refused(f"{str(name)[:40]!r} is not written; there are Title, Author, Subject and Keywords")
        if content is not None:
            t.put(
                "pdf_metadata", key, ", ".join(map(text, content if isinstance(content, list) else [content]))
            )


def _predicate(t: Translation, expression: str) -> None:
    t.noted.setdefault("predicates", []).append(expression)


def _expression(t: Translation, value: Any) -> None:
    _predicate(t, as_predicate(text(value)))


def _window_status(t: Translation, value: Any) -> None:
    import json

    _predicate(t, f"window.status === {json.dumps(text(value))}")


def _network(state: str) -> Any:
    def apply(t: Translation, value: Any) -> None:
        if not boolean(value) and t.options.get("wait_for_network") != "idle":
            t.options["wait_for_network"] = state
            t.sources.setdefault("wait_for_network", t.current)

    return apply


def _resource_statuses(t: Translation, value: Any) -> None:
    if _statuses(value):
        raise Refused("use failOnResourceLoadingFailed, which fails for requests that failed")


_PAGE = (
    applied("skipNetworkIdleEvent", ("wait_for_network",), _network("idle"), "false waits until it is idle"),
    applied(
        "skipNetworkAlmostIdleEvent",
        ("wait_for_network",),
        _network("mostly_idle"),
        "false waits for at most two",
    ),
    to("failOnHttpStatusCodes", "fail_on_status", _statuses, "499 is all 4xx, 599 all 5xx; both by default"),
    applied(
        "failOnResourceHttpStatusCodes",
        (),
        _resource_statuses,
        "use failOnResourceLoadingFailed, which fails for requests that failed",
        "refused",
    ),
    ignored("ignoreResourceHttpStatusDomains", "belongs to failOnResourceHttpStatusCodes"),
    item("failOnResourceLoadingFailed", "fail_on", "failed_request"),
    to("failOnConsoleExceptions", "fail_on_console_error", boolean),
    to("waitDelay", "delay_capture", duration, "a duration with its unit: `500ms`, `2.5s`"),
    applied("waitWindowStatus", ("wait_for_function",), _window_status, "waits for `window.status`"),
    applied("waitForExpression", ("wait_for_function",), _expression),
    to("waitForSelector", "wait_for_selector", text, "visible, as there"),
    applied("cookies", ("cookies",), _cookies, "a JSON list"),
    *(part(f"cookies[].{name}", ("cookies",)) for name in _COOKIE),
    to("userAgent", "user_agent", text),
    applied(
        "extraHttpHeaders",
        ("custom_headers",),
        _headers,
        "a JSON object, sent to the target's origin only; `;scope=` is refused",
        "in part",
    ),
    to("emulatedMediaType", "media_type", one_of("screen", "print")),
    applied(
        "emulatedMediaFeatures",
        ("dark_mode", "reduced_motion", "forced_colors", "contrast"),
        _features,
        "colour scheme, reduced motion, forced colours and contrast",
        "in part",
    ),
)
_URL = (to("url", "url", text),)
_FILES = (
    part("index.html", ("archive",), "mapped", "a file; relative addresses find the other files of the form"),
    part("*", ("archive",), "mapped", "files of the page: pictures, styles, fonts"),
)
_MARKDOWN = (part("*.md", ("archive",), "mapped", 'files named by `{{ toHTML "file.md" }}` in index.html'),)
_PRINT = (
    to("landscape", "pdf_landscape", boolean),
    to("printBackground", "pdf_print_background", boolean, "false by default on this path"),
    to("scale", "pdf_scale", number),
    to("singlePage", "pdf_single_page", boolean, "paperHeight does not count then, as there"),
    to("paperWidth", "pdf_width", inches, "inches, or a length with its unit; 8.5 by default on this path"),
    to("paperHeight", "pdf_height", inches, "inches, or a length with its unit; 11 by default on this path"),
    *(
        to(
            f"margin{side}",
            f"pdf_margin_{side.lower()}",
            inches,
            "inches, or a length; 0.39 by default on this path",
        )
        for side in ("Top", "Bottom", "Left", "Right")
    ),
    to("nativePageRanges", "pdf_page_ranges", text),
    to("header.html", "pdf_header", text, "a file"),
    to("footer.html", "pdf_footer", text, "a file"),
    to("preferCssPageSize", "pdf_prefer_css_page_size", boolean),
    to("generateDocumentOutline", "pdf_outline", boolean),
    to("generateTaggedPdf", "pdf_tagged", boolean),
    refused("omitBackground", "Chromium prints on white; capture a PNG for transparency"),
    applied(
        "metadata",
        ("pdf_metadata",),
        _metadata,
        "a JSON object of Title, Author, Subject, Keywords",
        "in part",
    ),
)
_PICTURE = (
    to("width", "window_width", integer, "800 by default on this path"),
    to("height", "window_height", integer, "600 by default on this path"),
    noted(
        "clip", ("full_page",), boolean, "true is the window; without it, and without selector, the full page"
    ),
    to("selector", "selector", text),
    to("format", "format", one_of("png", "jpeg", "webp")),
    to("quality", "image_quality", integer, "100 by default on this path"),
    to("omitBackground", "omit_background", boolean),
    to("optimizeForSpeed", "png_effort", lambda value: "fast" if boolean(value) else "small"),
    to("deviceScaleFactor", "pixel_density", number, "0.5 to 4"),
)
HEADER_TABLE = Table(
    "Headers of every route",
    (
        to("Gotenberg-Output-Filename", "filename", text),
        ignored("Gotenberg-Trace", "the response has `X-Request-Id`"),
        *WEBHOOKS,
    ),
)
_DOWNLOADS = (refused("downloadFrom", "send the files in the form"),)
PAGE_TABLE = Table("Every route", _PAGE + _DOWNLOADS)
PRINT_TABLE = Table("`/forms/chromium/convert/…`", _PRINT)
PICTURE_TABLE = Table("`/forms/chromium/screenshot/…`", _PICTURE)
URL_TABLE = Table("`…/url`", _URL)
FILES_TABLE = Table("`…/html` and `…/markdown`", _FILES)
MARKDOWN_TABLE = Table("`…/markdown`", _MARKDOWN)
